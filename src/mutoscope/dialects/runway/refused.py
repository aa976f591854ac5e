"""What the vendor's API can do and nothing here can: each path with why, and what can be asked instead."""

from __future__ import annotations

from typing import NamedTuple


class Refused(NamedTuple):
    """`why` ends the sentence «this server cannot …»; `instead` says what it can."""

    why: str
    instead: str


FILMS = "it films pictures (/v1/image_to_video), words (/v1/text_to_video) and films (/v1/video_to_video)"
_PICTURES = Refused("make or enlarge pictures", FILMS)
_SOUND = Refused(
    "make speech, music or sounds by themselves",
    "audio: true gives a film the sound of what is to be seen in it",
)
_AVATARS = Refused("make avatars that speak", FILMS)
_ROUTERS = Refused(
    "keep router configs or workflows",
    "routes.models in the server's settings says which engine films a name, "
    "and /v1/generate/video takes such a name as its configId",
)
_RECIPES = Refused("run recipes", FILMS)

#: Path → why. What lies below a path is refused with it.
REFUSED: dict[str, Refused] = {
    "/v1/character_performance": Refused(
        "carry a person's performance over to a character",
        "characters are kept by POST /v1/videos/characters and named in promptText with an @",
    ),
    "/v1/video_upscale": Refused(
        "make the detail of a larger film, or frames between a film's own",
        "/v1/video_to_video with ratio and no promptText scales a film to that size, without new detail",
    ),
    "/v1/video_to_hdr": Refused("widen a film's range of light", FILMS),
    "/v1/video_to_audio": _SOUND,
    "/v1/generate/image": _PICTURES,
    "/v1/generate/audio": _SOUND,
    "/v1/routers": _ROUTERS,
    "/v1/workflows": _ROUTERS,
    "/v1/workflow_invocations": _ROUTERS,
    "/v1/recipes": _RECIPES,
    "/v1/text_to_image": _PICTURES,
    "/v1/image_upscale": _PICTURES,
    "/v1/text_to_speech": _SOUND,
    "/v1/speech_to_speech": _SOUND,
    "/v1/sound_effect": _SOUND,
    "/v1/voice_isolation": _SOUND,
    "/v1/voice_dubbing": _SOUND,
    "/v1/voices": _SOUND,
    "/v1/avatars": _AVATARS,
    "/v1/avatar_videos": _AVATARS,
    "/v1/avatar_conversations": _AVATARS,
    "/v1/realtime_sessions": _AVATARS,
    "/v1/documents": _AVATARS,
}

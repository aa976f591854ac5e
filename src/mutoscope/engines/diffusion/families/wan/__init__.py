"""Wan 2.1 and 2.2: words, a picture, two pictures or a film to video.

::

    adapter.py   a Brief → the pipeline that can make it, and what it is told
    able.py      what a checkpoint can be given, told from its parts; what is refused
    schedule.py  the noise levels of one film: shift, part of the way, those of a distilled LoRA
    filming.py   one run of a pipeline: progress, previews, decoding, frames
    latents.py   pictures and films as a VAE's latents; where a film made anew begins
    lora.py      a LoRA laid over the transformers, and taken off again
    loading.py   a checkpoint's folder → a pipeline, each part in the precision that it needs
"""

from mutoscope.engines.diffusion.families.wan.adapter import FAMILY

__all__ = ["FAMILY"]

"""The Gemini API's way to make films, with Veo: operations, files and models."""

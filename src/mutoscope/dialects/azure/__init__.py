"""Azure OpenAI: Sora 2's videos, which are the OpenAI dialect's, and the older jobs with their generations."""

"""What the dialects share: values on the wire, what a request asks for, and the way to the desk."""

"""How well unknown images are told from known ones while a model adapts."""

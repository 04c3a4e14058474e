"""What the product costs beside one hand-written script doing the same work."""

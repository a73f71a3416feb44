"""The page of a scanned box, for anybody."""

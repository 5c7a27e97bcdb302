from tests.support.boxes import box, boxes

__all__ = ["box", "boxes"]

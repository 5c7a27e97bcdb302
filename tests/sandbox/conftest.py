from tests.support.boxes import box, boxes, typescript

__all__ = ["box", "boxes", "typescript"]

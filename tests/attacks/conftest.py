from tests.support.boxes import box, boxes, dotnet, typescript

__all__ = ["box", "boxes", "dotnet", "typescript"]

"""The evidence report of one run, made from its log: `build_report` gathers, `to_markdown` and `to_html` show.

Nothing in a report is estimated unless the log said so; where the log holds nothing, the report says "no data".
"""

from core.report.build import build_report
from core.report.html import to_html
from core.report.markdown import to_markdown
from core.report.model import Report, ReportExtras
from core.report.write import write_report

__all__ = ["Report", "ReportExtras", "build_report", "to_html", "to_markdown", "write_report"]

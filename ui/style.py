"""The style that all pages share, where .streamlit/config.toml has no word for it.

Each pair of colours is for the light and the dark theme; `tests/ui/test_style.py` holds
all text to WCAG 2.2's contrast of 4.5 : 1.
"""

from typing import Literal

ON_PRIMARY = "#ffffff", "#0f1514"  # text on a primary button; Streamlit's is white in both
QUIET = 75  # per cent of the text's colour: captions, placeholders, axes; Streamlit's are of 60


def _themed(pair: tuple[str, str]) -> str:
    """A colour of CSS that follows the theme."""
    return f"light-dark({pair[0]}, {pair[1]})"


# A frame that has not separated is all white: without a line round it, it would not be seen.
# Of links and some buttons, Streamlit does not show that the keyboard is on them.
# Streamlit cuts a link's words short, gives a tenth of the screen to margins, and makes its
# figures larger than what they are of.
_CSS = f"""<style>
[data-testid="stImage"] img {{ outline: 1px solid #8886 }}
:is(a, button, summary, [tabindex]):focus-visible {{
  outline: 2px solid currentColor !important; outline-offset: 1px
}}
[data-testid="stHeader"] {{ height: 3rem; min-height: 3rem }}
[data-testid="stMainBlockContainer"] {{
  padding: 3.25rem clamp(1rem, 2.5vw, 2.5rem) 2rem
}}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {{ gap: .75rem }}
[data-testid="stMain"] [data-testid="stPageLink"] p {{ white-space: normal }}
[data-testid="stMetric"] > div {{ padding: .35rem .75rem }}
[data-testid="stMetricValue"] {{ font-size: 1.25rem; line-height: 1.4 }}
[data-testid="stMetricDelta"] {{ font-size: .8125rem }}
.st-key-header {{ min-height: 2.5rem }}
.st-key-header > :last-child {{ margin-left: auto }}
.st-key-header, .st-key-header_line {{ flex-wrap: nowrap; min-width: 0 }}
.st-key-header > *, .st-key-header_line > * {{ min-width: 0; flex-shrink: 1 }}
.st-key-header > :is(:first-child, :last-child) {{ flex-shrink: 0 }}
.st-key-header h1 {{ padding: 0; white-space: nowrap }}
:is([data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"]):enabled {{
  color: {_themed(ON_PRIMARY)}
}}
[data-testid="stCaptionContainer"] {{ opacity: {QUIET}% }}
[data-testid="stPopover"] button[aria-expanded="true"] {{ color: inherit }}
[data-testid="stVegaLiteChart"] svg :is(.role-axis, .role-legend, .role-mark.mark-text) text {{
  fill: currentColor; fill-opacity: {QUIET}%
}}
::placeholder {{ color: inherit; opacity: {QUIET}% }}
</style>"""


def css(theme: Literal["light", "dark"]) -> str:
    """The style as HTML.

    Streamlit sets `color-scheme` on the app, but not on what opens over it: popovers and dialogs.
    """
    return _CSS.replace("</style>", f"body {{ color-scheme: {theme} }}\n</style>")

"""A chart's own view in the page: where a point of the data lies on the screen, what is drawn."""

from typing import Any

from playwright.sync_api import Page

CHART = '[data-testid="stVegaLiteChart"]'
# Streamlit keeps the view of a chart in a ref of the component that holds the chart's element.
_VIEW = f"""
const isView = v => v && typeof v.scale === 'function' && typeof v.scenegraph === 'function';
const view = (() => {{
  const box = document.querySelector('{CHART}');
  if (!box || !box.querySelector('canvas')) return null;
  const key = Object.keys(box).find(name => name.startsWith('__reactFiber'));
  for (let fiber = box[key]; fiber; fiber = fiber.return) {{
    let hook = fiber.memoizedState;
    while (hook && typeof hook === 'object' && 'next' in hook) {{
      const held = hook.memoizedState;
      if (held && isView(held.current)) return held.current;
      hook = hook.next;
    }}
  }}
  return null;
}})();
"""
_MARKS = """
const found = [];
const walk = item => {
  if (item.marktype === kind && item.role === 'mark') found.push(item);
  (item.items || []).forEach(walk);
};
walk(view.scenegraph().root);
"""


def ready(page: Page, points: int | None = None) -> None:
    """Wait until the chart is drawn, with so many points where that is said."""
    count = "found.reduce((sum, mark) => sum + mark.items.length, 0)"
    wanted = "true" if points is None else f"{count} >= {points}"
    body = f"const kind = 'symbol'; {_VIEW} if (!view) return false; {_MARKS} return {wanted};"
    page.wait_for_function(f"() => {{ {body} }}", timeout=60_000)


def domain(page: Page) -> list[list[float]]:
    """The ends of both axes as they are now."""
    body = "['x', 'y'].map(axis => view.scale(axis).domain())"
    ends: list[list[float]] = page.evaluate(f"() => {{ {_VIEW} return {body}; }}")
    return ends


def pixels(page: Page, places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where points of the data lie in the window."""
    body = f"""{_VIEW}
        const box = document.querySelector('{CHART} canvas').getBoundingClientRect();
        const [left, top] = view.origin(), pad = view.padding();
        const x = view.scale('x'), y = view.scale('y');
        return places.map(at => [
            box.left + pad.left + left + x(at[0]), box.top + pad.top + top + y(at[1])]);"""
    found = page.evaluate(f"places => {{ {body} }}", [list(each) for each in places])
    return [(x, y) for x, y in found]


def drawn(page: Page, kind: str) -> list[list[dict[str, Any]]]:
    """The data of what is drawn, for each of the chart's marks of a kind: symbol, line, text."""
    body = f"{_VIEW} {_MARKS} return found.map(mark => mark.items.map(item => item.datum));"
    marks: list[list[dict[str, Any]]] = page.evaluate(f"kind => {{ {body} }}", kind)
    return marks

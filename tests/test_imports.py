"""What import-linter cannot see: app.py is no package, and a light import must stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "torch",
    "sklearn",
    "scipy",
    "openTSNE",
    "h5py",
    "imageio",
    "skimage",
    "vl_convert",
    "contourpy",
    "ray",
)


def top_level_imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_the_front_door_only_knows_streamlit_and_ui() -> None:
    assert top_level_imports(ROOT / "app.py") <= {"streamlit", "ui"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_what_a_page_imports_leaves_the_heavy_libraries_alone(path: Path) -> None:
    modules = sorted(top_level_imports(path))
    code = f"import sys, importlib\nfor m in {modules}: importlib.import_module(m)\n"
    code += f"print([h for h in {HEAVY} if h in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_program_that_imports_the_interface_waits_for_no_heavy_library() -> None:
    heavy = (*HEAVY, "altair", "xarray", "onnx", "onnxruntime", "safetensors", "streamlit")
    code = "import sys, morph\n" + f"print([h for h in {heavy} if h in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_command_line_answers_light_questions_without_torch() -> None:
    heavy = (*HEAVY, "altair", "jinja2", "vl_convert")
    code = "import sys, jobs.__main__\n" + f"print([h for h in {heavy} if h in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_jobs_import_ray_only_where_a_cluster_was_asked_for() -> None:
    modules = "jobs.simulate.job, jobs.import_, jobs.index.job, jobs.evaluate.job, jobs.train.job"
    code = f"import sys, jobs.cluster.executor, {modules}\nprint('ray' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"

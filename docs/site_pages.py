# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Hooks of MkDocs: pages of the site that stand elsewhere in the repository."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter

# A page of the site, and the file it is. What mlir-tblgen writes is there after a build.
ELSEWHERE = {
    "contributing.md": "CONTRIBUTING.md",
    "conformance.md": "test/conformance/README.md",
    "benchmarks.md": "benchmarks/README.md",
    "operations.md": "build/docs/reference/dialect.md",
    "interfaces.md": "build/docs/reference/interfaces.md",
    "passes.md": "build/docs/reference/passes.md",
    "notebook.md": "docs/notebook.ipynb",
}
LINK = re.compile(r"(?<=\]\()(?P<target>[^)#\s:]+\.(md|ipynb))(?=[)#])")
CODE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")


def on_files(files: Files, *, config: Any) -> Files:
    """Add the pages."""
    root = Path(config.config_file_path).parent
    for page, source in ELSEWHERE.items():
        if not (root / source).exists():
            raise FileNotFoundError(f"{source} is missing: `make docs` builds it")
        if source.endswith(".ipynb"):
            content, _ = MarkdownExporter(exclude_input_prompt=True).from_filename(root / source)
            files.append(File.generated(config, page, content=content))
        else:
            files.append(File.generated(config, page, abs_src_path=str(root / source)))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Let links between files of the repository lead to their pages."""
    root, docs = Path(config.config_file_path).parent, Path(config.docs_dir)
    uri = page.file.src_uri
    source = root / ELSEWHERE[uri] if uri in ELSEWHERE else docs / uri
    pages = {(root / source).resolve(): name for name, source in ELSEWHERE.items()}

    def lead(link: re.Match[str]) -> str:
        target = (source.parent / link["target"]).resolve()
        if target in pages:
            return posixpath.relpath(pages[target], posixpath.dirname(uri))
        if uri in ELSEWHERE and target.is_relative_to(docs.resolve()):
            return posixpath.relpath(
                target.relative_to(docs.resolve()).as_posix(), posixpath.dirname(uri)
            )
        return link[0]

    # On GitHub a bar in the code of a table needs a backslash, which would be shown here.
    return CODE.sub(lambda code: code[0].replace("\\|", "|"), LINK.sub(lead, markdown))

"""GraphiQL for development, with its assets served from node_modules: nothing comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse

from gateway.config import FOLDER

MODULES = FOLDER / "node_modules"
ASSETS: dict[str, tuple[Path, str]] = {
    "graphiql.css": (MODULES / "graphiql/graphiql.min.css", "text/css"),
    "graphiql.js": (MODULES / "graphiql/graphiql.min.js", "text/javascript"),
    "react.js": (MODULES / "react/umd/react.production.min.js", "text/javascript"),
    "react-dom.js": (MODULES / "react-dom/umd/react-dom.production.min.js", "text/javascript"),
}
PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Partage: GraphiQL</title>
  <link rel="stylesheet" href="/graphiql/graphiql.css">
  <style>html, body, #graphiql { height: 100%; margin: 0 }</style>
</head>
<body>
  <div id="graphiql">Loading.</div>
  <script src="/graphiql/react.js"></script>
  <script src="/graphiql/react-dom.js"></script>
  <script src="/graphiql/graphiql.js"></script>
  <script>
    ReactDOM.createRoot(document.getElementById("graphiql")).render(
      React.createElement(GraphiQL, {
        fetcher: GraphiQL.createFetcher({ url: location.pathname }),
        defaultEditorToolsVisibility: "headers",
        defaultHeaders: '{ "Authorization": "Bearer <token>" }',
      }),
    );
  </script>
</body>
</html>
"""

router = APIRouter()


@router.get("/graphql", response_class=HTMLResponse)
@router.get("/c/{country}/graphql", response_class=HTMLResponse)
async def page() -> str:
    """The page."""
    return PAGE


@router.get("/graphiql/{name}")
async def asset(name: str) -> FileResponse:
    """A script or style sheet of the page."""
    if name not in ASSETS or not ASSETS[name][0].is_file():
        raise HTTPException(404, "Not installed: run npm ci in gateway/ with its development packages.")
    file, media_type = ASSETS[name]
    return FileResponse(file, media_type=media_type)

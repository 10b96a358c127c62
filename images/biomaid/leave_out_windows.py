"""Takes out of pyproject.toml and poetry.lock what is a wheel for Windows: where a package has such a one beside
another, as up to 0.12.2 with the extra "ldap", `poetry export` fails. What has none stays as it is.
"""

import tomlkit


def is_for_windows(source: object) -> bool:
    return isinstance(source, dict) and source.get("url", "").endswith(("-win32.whl", "-win_amd64.whl"))


def leave_out(entries: list, source_of) -> bool:
    """Whether anything was."""
    foreign = [entry for entry in entries if is_for_windows(source_of(entry))]
    for entry in foreign:
        entries.remove(entry)
    return bool(foreign)


def rewrite(path: str, change) -> None:
    with open(path, encoding="utf-8") as file:
        document = tomlkit.parse(file.read())
    if change(document):
        with open(path, "w", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))


def in_project(document) -> bool:
    dependencies = document.get("tool", {}).get("poetry", {}).get("dependencies", {})
    changed = False
    for choices in dependencies.values():
        if isinstance(choices, list) and leave_out(choices, lambda entry: entry):
            changed = True
    return changed


def in_lock(document) -> bool:
    return leave_out(document["package"], lambda package: package.get("source"))


rewrite("pyproject.toml", in_project)
rewrite("poetry.lock", in_lock)

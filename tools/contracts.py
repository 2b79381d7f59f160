"""Import contracts of our own, beside those that import-linter brings."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def app_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


class PrivateRooms(Contract):
    """The private rooms of an app are imported by that app alone.

    `free` are importers bound by no room (config, which wires everything); `common` are packages whose rooms are for
    all (web, which has layouts, fields and forms rather than a thing of its own). `allowed` are single arrows
    "importer -> imported", each with its reason beside it in the file;
    one that is no longer there breaks the contract.
    """

    root = fields.StringField()
    rooms = fields.SetField(subfield=fields.StringField())
    free = fields.SetField(subfield=fields.StringField(), required=False)
    common = fields.SetField(subfield=fields.StringField(), required=False)
    allowed = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root, rooms = str(self.root), set(self.rooms)  # type: ignore[call-overload]
        free, common, allowed = (set(given or ()) for given in (self.free, self.common, self.allowed))
        broken: list[tuple[str, str, int]] = []
        used: set[str] = set()
        for importer in sorted(graph.modules):
            owner = app_of(importer)
            if owner in free:
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                parts = imported.split(".")
                if (
                    parts[0] != root
                    or len(parts) < 3
                    or parts[2] not in rooms
                    or app_of(imported) in {owner, *common}
                ):
                    continue
                arrow = f"{importer} -> {imported}"
                if arrow in allowed:
                    used.add(arrow)
                    continue
                details = graph.get_import_details(importer=importer, imported=imported)
                broken.append((importer, imported, details[0]["line_number"] if details else 0))
        stale = sorted(allowed - used)
        return ContractCheck(kept=not broken and not stale, metadata={"broken": broken, "stale": stale})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, line in check.metadata["broken"]:
            output.print_error(f"{importer}:{line} imports {imported}, which is private to its app", bold=False)
        for arrow in check.metadata["stale"]:
            output.print_error(f"allowed but no longer there: {arrow}", bold=False)


class KnownRooms(Contract):
    """Every module of an app is one of the rooms the house knows, so a stray file fails the build."""

    root = fields.StringField()
    apps = fields.SetField(subfield=fields.StringField())
    rooms = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        known = set(self.rooms)  # type: ignore[call-overload]
        strays = [
            room
            for app in sorted(set(self.apps))  # type: ignore[call-overload]
            for room in sorted(graph.find_children(f"{self.root}.{app}"))
            if room.rpartition(".")[2] not in known
        ]
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for stray in check.metadata["strays"]:
            output.print_error(f"{stray} is none of the rooms an app may have (see docs/decisions/0001)", bold=False)


class OnlyThese(Contract):
    """A package imports, of our own code, nothing but what is listed, directly or through others."""

    root = fields.StringField()
    source = fields.StringField()
    listed = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        source, root = str(self.source), str(self.root)
        within = {source, *self.listed}  # type: ignore[misc]
        broken = sorted(
            module
            for module in graph.find_upstream_modules(source, as_package=True)
            if module.startswith(root + ".")
            and not any(module == one or module.startswith(one + ".") for one in within)
        )
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module in check.metadata["broken"]:
            output.print_error(f"{self.source} reaches {module}", bold=False)

"""Which operations of a migration must not be written, and what to write instead.

A migration runs while the release before it serves readers, and that release goes on for a while, or comes back. So
nothing that it uses may go, nothing that it does not know may be required, and no table may be locked for as long as
reading or rewriting it takes. Which statement takes which lock: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    NotInTransactionMixin,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Value
from django.db.models.functions import Now

from . import statements

FIRST_RELEASE = "0030_names_of_logs"
"""The last migration that may be what it is. Up to here no release had been made: no site held rows that an operation
could lock for long, and no older program was at work beside it. Everything after it is judged."""

RELEASES = [FIRST_RELEASE]
"""The last migration of each release, oldest first; a release adds its own. What the models of the newest do not name
any more may be dropped."""

LATER = (
    "Expand, switch, contract: stop using it in this release (state_operations only; the column must be nullable or "
    "have a default in the database), and drop it in a later one."
)
INDEX = "Use AddIndexConcurrently (django.contrib.postgres.operations) in a migration with atomic = False."
UNIQUE = (
    "In a migration with atomic = False: CREATE UNIQUE INDEX CONCURRENTLY by RunSQL, then ALTER TABLE … ADD CONSTRAINT "
    "… UNIQUE USING INDEX if it must be a constraint; tell Django of it by SeparateDatabaseAndState."
)
NOT_VALID = "Use AddConstraintNotValid, and ValidateConstraint in a migration of its own with atomic = False."
REQUIRED = "Give it a constant db_default, or allow NULL: the release before writes rows without it."
RETYPE = "Add a column of the new type, fill it in batches, let the next release read it, and drop the old one later."
BATCHES = (
    "Set atomic = False, and change BATCH rows at a time (a constant of the module), each batch a transaction. Where "
    "it is a handful of rows, say so: few_rows = {the function's name: why}."
)

CHECKED = (models.PositiveIntegerField, models.PositiveSmallIntegerField, models.PositiveBigIntegerField)
"""Fields whose columns Django gives a check."""


def dangers(migration: migrations.Migration, before: ProjectState, released: ProjectState) -> list[str]:
    """One sentence for each operation that must not be: what, why not, and what instead.

    Args:
        before: the state of the models in front of the migration; it is not changed.
        released: their state at the end of the last release.
    """
    judge = Judge(migration, before.clone(), released)
    return [f"{migration.app_label}.{migration.name}: {words}" for words in judge.all(migration.operations)]


class Judge:
    """Walks through the operations of one migration, with the state that each of them finds."""

    def __init__(self, migration: migrations.Migration, state: ProjectState, released: ProjectState) -> None:
        self.app, self.atomic = migration.app_label, migration.atomic
        self.few_rows: dict[str, str] = getattr(migration, "few_rows", {})
        self.state, self.released = state, released
        self.fresh: set[str] = set()  # models and tables that this very migration makes
        self.locks = (
            0  # operations so far that take a lock on a table in use, kept to the end where it is atomic
        )

    def all(
        self, operations: Sequence[Operation], *, database: bool = True, state: bool = True
    ) -> Iterator[str]:
        for operation in operations:
            if isinstance(operation, migrations.SeparateDatabaseAndState):
                yield from self.all(operation.database_operations, state=False)
                yield from self.all(operation.state_operations, database=False)
                continue
            if database:
                yield from self._one(operation)
            elif isinstance(operation, migrations.RemoveField):
                yield from self._forgotten(operation)
            if state:
                operation.state_forwards(self.app, self.state)

    def _one(self, operation: Operation) -> Iterator[str]:
        if isinstance(operation, NotInTransactionMixin) and self.atomic:
            yield f"{operation.describe()}: this can't run in a transaction. Set atomic = False."
        judged = getattr(self, f"_{type(operation).__name__.lower()}", None)
        if judged:
            yield from judged(operation)
        elif isinstance(operation, migrations.RunSQL):
            yield from self._runsql(operation)

    def _is_fresh(self, name: str) -> bool:
        return name.lower() in self.fresh

    def _model(self, name: str) -> Any:
        return self.state.apps.get_model(self.app, name)

    # --- Tables ---

    def _createmodel(self, operation: migrations.CreateModel) -> Iterator[str]:
        self.fresh |= {
            operation.name_lower,
            str(operation.options.get("db_table") or f"{self.app}_{operation.name_lower}"),
        }
        yield from ()

    def _deletemodel(self, operation: migrations.DeleteModel) -> Iterator[str]:
        if (self.app, operation.name_lower) in self.released.models:
            yield f"DeleteModel {operation.name}: the release before still uses the table. {LATER}"

    def _renamemodel(self, operation: migrations.RenameModel) -> Iterator[str]:
        yield f"RenameModel {operation.old_name}: the release before uses the table's name. Keep it by Meta.db_table."

    def _altermodeltable(self, operation: migrations.AlterModelTable) -> Iterator[str]:
        yield f"AlterModelTable {operation.name}: the release before uses the table's name. Keep it."

    def _alteruniquetogether(self, operation: Any) -> Iterator[str]:
        if not self._is_fresh(operation.name):
            yield f"{operation.describe()}: it builds an index under lock. {UNIQUE}"

    _alterindextogether = _alterorderwithrespectto = _alteruniquetogether

    # --- Columns ---

    def _addfield(self, operation: migrations.AddField) -> Iterator[str]:
        field: Any = operation.field
        if self._is_fresh(operation.model_name) or field.many_to_many:
            return
        what = f"AddField {operation.model_name}.{operation.name}"
        self.locks += 1
        if isinstance(field, models.GeneratedField):
            yield f"{what}: a generated column rewrites the table under lock. Fill an ordinary one by a trigger."
            return
        default = field.db_default
        if default is models.NOT_PROVIDED:
            if not field.null:
                yield f"{what}: NOT NULL without a default in the database. {REQUIRED}"
        elif not isinstance(default, Value | Now) and hasattr(default, "resolve_expression"):
            yield f"{what}: a default that differs from row to row rewrites the table under lock. Fill it in batches."
        if field.primary_key or isinstance(field, models.AutoField):
            yield f"{what}: numbering all rows rewrites the table under lock."
        if field.unique or (field.db_index and field.remote_field is None):
            yield f"{what}: it builds an index under lock. Add the column alone. {UNIQUE if field.unique else INDEX}"
        if field.remote_field is not None and (field.db_index or field.db_constraint):
            yield (
                f"{what}: the index is built and the key checked under lock. Say db_index=False, db_constraint=False; "
                "add the index concurrently, and the constraint by RunSQL as NOT VALID, then VALIDATE it."
            )
        if isinstance(field, CHECKED):
            yield f"{what}: its check reads the whole table under lock. Use IntegerField with a constraint. {NOT_VALID}"

    def _removefield(self, operation: migrations.RemoveField) -> Iterator[str]:
        known = self.released.models.get((self.app, operation.model_name_lower))
        if known is not None and operation.name in known.fields:
            yield f"RemoveField {operation.model_name}.{operation.name}: the release before still uses it. {LATER}"

    def _forgotten(self, operation: migrations.RemoveField) -> Iterator[str]:
        field = self.state.models[self.app, operation.model_name_lower].fields[operation.name]
        if not field.null and field.db_default is models.NOT_PROVIDED and not field.many_to_many:
            yield (
                f"RemoveField {operation.model_name}.{operation.name} in the state: this release writes rows without "
                "it, and the column refuses that. First let it be NULL (AlterField), or give it a db_default."
            )

    def _renamefield(self, operation: migrations.RenameField) -> Iterator[str]:
        yield (
            f"RenameField {operation.model_name}.{operation.old_name}: the release before uses the column's name. "
            "Keep it by db_column."
        )

    def _alterfield(self, operation: migrations.AlterField) -> Iterator[str]:
        if self._is_fresh(operation.model_name):
            return
        what = f"AlterField {operation.model_name}.{operation.name}"
        old = self._model(operation.model_name)._meta.get_field(operation.name)
        after = self.state.clone()
        operation.state_forwards(self.app, after)
        new = after.apps.get_model(self.app, operation.model_name)._meta.get_field(operation.name)
        self.locks += 1
        if old.column != new.column:
            yield f"{what}: the column gets another name, and the release before uses this one. Keep it by db_column."
        if statements.rewrites(_type(old), _type(new)):
            yield f"{what}: from {_type(old)} to {_type(new)} the table is rewritten under lock. {RETYPE}"
        if old.null and not new.null:
            yield (
                f"{what}: NOT NULL reads the whole table under lock. Add CHECK (… IS NOT NULL) NOT VALID, validate it "
                "in a migration with atomic = False, SET NOT NULL after it (quick then), drop the check. By RunSQL."
            )
        if new.unique and not old.unique:
            yield f"{what}: it builds an index under lock. {UNIQUE}"
        elif new.db_index and not old.db_index:
            yield f"{what}: it builds an index under lock. {INDEX}"
        if getattr(new, "db_constraint", False) and not getattr(old, "db_constraint", False):
            yield f"{what}: the key is checked under lock. Add it by RunSQL as NOT VALID, then VALIDATE it."

    # --- Indexes and constraints ---

    def _addindex(self, operation: migrations.AddIndex) -> Iterator[str]:
        if not isinstance(operation, AddIndexConcurrently) and not self._is_fresh(operation.model_name):
            yield f"AddIndex {operation.index.name}: writers wait until it is built. {INDEX}"

    def _addconstraint(self, operation: migrations.AddConstraint) -> Iterator[str]:
        if self._is_fresh(operation.model_name):
            return
        self.locks += 1
        if isinstance(operation.constraint, models.CheckConstraint):
            yield f"AddConstraint {operation.constraint.name}: rows are checked under lock. {NOT_VALID}"
        else:
            yield f"AddConstraint {operation.constraint.name}: it builds an index under lock. {UNIQUE}"

    def _addconstraintnotvalid(self, operation: AddConstraintNotValid) -> Iterator[str]:
        self.locks += 1
        yield from ()

    def _validateconstraint(self, operation: ValidateConstraint) -> Iterator[str]:
        if self.atomic:
            yield (
                f"ValidateConstraint {operation.name}: in a transaction all locks are kept while the rows are read. "
                "Put it into a migration with atomic = False."
            )

    # --- What Django can't see into ---

    def _runpython(self, operation: migrations.RunPython) -> Iterator[str]:
        code = operation.code
        names = getattr(getattr(code, "__code__", None), "co_names", ())
        if code is migrations.RunPython.noop:
            return
        name = getattr(code, "__name__", "")
        if name not in self.few_rows and (self.atomic or operation.atomic or "BATCH" not in names):
            yield f"RunPython {name}: rows are kept locked until all are changed. {BATCHES}"

    def _runsql(self, operation: migrations.RunSQL) -> Iterator[str]:
        yield from statements.dangers(
            operation.sql, fresh=self.fresh, atomic=self.atomic, in_use=self._in_use
        )

    def _in_use(self, table: str, column: str = "") -> bool:
        """Whether the last release has a model with this table, or with this column of it."""
        for model in self.released.apps.get_models(include_auto_created=True):
            if model._meta.db_table == table:
                return not column or column in {field.column for field in model._meta.concrete_fields}
        return False


def _type(field: Any) -> str:
    from django.db import connection

    return str(field.db_type(connection))

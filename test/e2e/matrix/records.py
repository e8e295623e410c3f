"""The captured records of a topic, read without the extension's code."""
import base64
import decimal
import json
import subprocess

decimal.setcontext(decimal.Context(prec=20000, Emax=999999, Emin=-999999))


class Wire:
    """A column's value in a record: text is its JSON, None where the record has no such member."""

    def __init__(self, text, field=None):
        self.text = text
        self.field = field or {}

    @property
    def value(self):
        return None if self.text is None else json.loads(self.text, parse_float=decimal.Decimal)


ABSENT = Wire(None)
PLACEHOLDER = "__debezium_unavailable_value"
ENCODED = base64.b64encode(PLACEHOLDER.encode()).decode()
PLACEHOLDERS = (PLACEHOLDER, ENCODED, [PLACEHOLDER], [ENCODED], list(PLACEHOLDER.encode()), json.dumps({PLACEHOLDER: PLACEHOLDER}, separators=(",", ":")),
                {PLACEHOLDER: PLACEHOLDER}, ["b68a35a7-17ad-35b3-af2a-ae46edb4545a"])


def loads(text):
    return json.loads(text, parse_float=decimal.Decimal)


def dumps(value):
    """JSON again, numbers as they were spelled."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dumps(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def payload(text):
    value = None if text is None else loads(text)
    if isinstance(value, dict) and set(value) == {"schema", "payload"}:
        return value["payload"], value["schema"] or {}
    return value, {}


def fields_of(schema, flat):
    """{column: field schema} of the row"""
    for field in schema.get("fields", []):
        if not flat and field["field"] == "after":
            schema = field
            break
    return {f["field"]: f for f in schema.get("fields", [])}


class Mirror:
    """The rows that the records of a topic describe, by record key."""

    def __init__(self, broker, topic, flat):
        out = subprocess.run(["kcat", "-b", broker, "-X", "fetch.wait.max.ms=5", "-C", "-q", "-e", "-J", "-o", "beginning", "-t", topic], capture_output=True, text=True, check=True).stdout
        self._rows, self.fields, self.keyless = {}, {}, []
        for line in out.split("\n")[:-1]:
            self._apply(json.loads(line), flat)

    def _apply(self, record, flat):
        key, value = record.get("key"), record.get("payload")
        headers = record.get("headers", [])
        headers = dict(zip(headers[::2], headers[1::2]))
        identity = None if key is None else dumps(payload(key)[0])
        row, schema = payload(value)
        if row is None:
            gone = self._rows.pop(identity, None)
            if gone is not None and "__debezium.newkey" in headers:  # it moves with the record that follows
                self._moving = gone
            return
        fields = fields_of(schema, flat)
        self.fields.update(fields)
        operation = row.get("__op") if flat else row["op"]
        after = row if flat else row.get("after")
        if flat and row.get("__deleted") == "true":
            operation = "d"
        if operation == "t":
            self._rows.clear()
        elif identity is None and operation in ("u", "d"):
            if flat and operation == "u":
                return  # it does not tell the former values: a dead letter
            self.keyless.remove({k: row[k] for k in row if k not in ("__op", "__deleted")} if flat else row["before"])
            if operation == "u":
                self.keyless.append(after)
        elif operation == "d":
            if "__debezium.newkey" in headers:
                self._moving = self._rows.get(identity)
            self._rows.pop(identity, None)
        else:
            before = self._rows.get(identity) or {}
            if "__debezium.oldkey" in headers:
                before = getattr(self, "_moving", None) or {}
            if operation == "u" or "__debezium.oldkey" in headers:
                after = {k: before.get(k, v) if v in PLACEHOLDERS else v for k, v in after.items()}
            if flat:
                after = {k: v for k, v in after.items() if k not in ("__op", "__deleted")}
            if identity is None:
                self.keyless.append(after)
            else:
                self._rows[identity] = after

    def rows(self):
        return list(self._rows.values()) + self.keyless

    def value(self, handle, text, column):
        """The last value of a column in the row whose column `handle` is `text`."""
        for row in self.rows():
            if row.get(handle) is not None and str(row[handle]) == text:
                return Wire(dumps(row[column]), self.fields.get(column)) if column in row else ABSENT
        return ABSENT


def plain_text(row, column):
    """What a column of a table made from records without schemas should hold."""
    value = row.get(column.name)
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (int, decimal.Decimal)):
        return canonical_number(str(value))
    if isinstance(value, str) and column.plain == "numeric":  # schemaless_decimal_columns = cash:2
        try:
            return canonical_number(value)
        except decimal.InvalidOperation:
            return canonical_number(str(decimal.Decimal(int.from_bytes(base64.b64decode(value), "big", signed=True)).scaleb(-2)))
    if isinstance(value, str):
        return value
    return canonical_json(value)


def canonical_number(text):
    number = decimal.Decimal(text)
    return "0" if number == 0 else str(number.normalize()) if number.is_finite() else text


def canonical_json(value):
    if isinstance(value, (int, decimal.Decimal)) and not isinstance(value, bool):
        return canonical_number(str(value))
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + canonical_json(value[k]) for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    return json.dumps(value)


def found_text(text, column):
    if text is None:
        return None
    if column.plain in ("int2", "int4", "int8", "float4", "float8", "numeric"):
        return canonical_number(text)
    if column.plain in ("json", "jsonb"):
        return canonical_json(loads(text))
    return text

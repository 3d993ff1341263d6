# SPDX-License-Identifier: MIT
"""Checks a JSON value against docs/fdinherit.schema.json, with the keywords that the schema uses."""
import json
import os

KEYWORDS = {"$ref", "type", "const", "enum", "minimum", "properties", "required", "additionalProperties",
            "items", "anyOf", "description"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}

with open(os.path.join(os.path.dirname(__file__), "../../docs/fdinherit.schema.json"), encoding="utf-8") as file:
    SCHEMA = json.load(file)


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def object_fault(value, rule, where):
    known = rule.get("properties", {})
    for name in rule.get("required", []):
        if name not in value:
            return f"{where} lacks {name}"
    for name, member in value.items():
        inner = known.get(name, rule.get("additionalProperties", True))
        if inner is False:
            return f"{where} has {name}"
        found = inner is not True and fault(member, inner, f"{where}.{name}")
        if found:
            return found
    return None


def fault(value, rule, where="it"):
    """Returns what is wrong with the value, or None."""
    assert not set(rule) - KEYWORDS, rule
    if "$ref" in rule:
        return fault(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")], where)
    if "anyOf" in rule:
        faults = [fault(value, choice, where) for choice in rule["anyOf"]]
        return None if None in faults else " or ".join(faults)
    if "type" in rule and not is_type(value, rule["type"]):
        return f"{where} is no {rule['type']}"
    if value != rule.get("const", value) or value not in rule.get("enum", [value]):
        return f"{where} is {value!r}"
    if value < rule["minimum"] if "minimum" in rule else False:
        return f"{where} is {value!r}"
    if isinstance(value, list):
        return next(filter(None, (fault(item, rule.get("items", {}), f"{where}[{i}]")
                                  for i, item in enumerate(value))), None)
    return object_fault(value, rule, where) if isinstance(value, dict) else None


def conforming(text, name):
    """Parses JSON and checks it against the definition with this name."""
    value = json.loads(text)
    found = fault(value, {"$ref": "#/$defs/" + name})
    assert not found, (found, text)
    return value

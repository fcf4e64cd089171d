//! Checks a frame against `protocol.schema.json`. Only the keywords that the schema uses are known, and errors say what to do.
//!
//! The schema describes JSON, but frames are MessagePack. A string with a `contentEncoding` in the schema is of type bin in a frame.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use array_assay_interface::PROTOCOL_SCHEMA;
use regex_lite::Regex;
use rmpv::Value;
use serde_json::Value as Json;

use super::mismatch::Mismatch;

/// The schema, with its compiled patterns.
struct Schema {
    root: Json,
    patterns: BTreeMap<String, Regex>,
}

fn schema() -> &'static Schema {
    static PARSED: OnceLock<Schema> = OnceLock::new();
    PARSED.get_or_init(|| {
        let root: Json = serde_json::from_str(PROTOCOL_SCHEMA).expect("a test reads the schema");
        let mut patterns = BTreeMap::new();
        collect_patterns(&root, &mut patterns);
        Schema { root, patterns }
    })
}

fn collect_patterns(node: &Json, out: &mut BTreeMap<String, Regex>) {
    match node {
        Json::Object(map) => {
            if let Some(pattern) = map.get("pattern").and_then(Json::as_str) {
                out.insert(pattern.to_owned(), Regex::new(pattern).expect("a test compiles the schema's patterns"));
            }
            map.values().for_each(|value| collect_patterns(value, out));
        }
        Json::Array(items) => items.iter().for_each(|value| collect_patterns(value, out)),
        _ => {}
    }
}

/// What is wrong with a worker's frame by the schema.
pub(super) fn check(frame: &Value) -> Vec<Mismatch> {
    let mut check = Check { schema: schema(), found: Vec::new() };
    check.node(&check.schema.root["$defs"]["worker_frame"], frame, "");
    check.found
}

struct Check {
    schema: &'static Schema,
    found: Vec<Mismatch>,
}

impl Check {
    fn report(&mut self, path: &str, expected: String, found: String, advice: &str) {
        self.found.push(Mismatch { path: path.to_owned(), expected, found, advice: advice.to_owned() });
    }

    fn resolve(&self, node: &'static Json) -> &'static Json {
        match node.get("$ref").and_then(Json::as_str) {
            Some(reference) => self.resolve(self.schema.root.pointer(reference.trim_start_matches('#')).unwrap_or(&Json::Null)),
            None => node,
        }
    }

    fn node(&mut self, node: &'static Json, value: &Value, path: &str) {
        let node = self.resolve(node);
        if let Some(branches) = node["oneOf"].as_array() {
            return self.choice(node, branches, value, path);
        }
        if let Some(words) = node["enum"].as_array() {
            let known = words.iter().any(|word| word.as_str().is_some_and(|word| value.as_str() == Some(word)));
            if !known {
                let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_str().unwrap_or_default())).collect();
                self.report(path, format!("one of {}", words.join(", ")), shown(value), "use the words of the protocol, in this spelling");
            }
            return;
        }
        let types = types(node);
        if types.is_empty() {
            return;
        }
        match types.iter().find(|name| is(name, node, value)) {
            None => self.report(path, expected(node, &types), shown(value), advice(node, &types, value)),
            Some(&"object") => self.object(node, value, path),
            Some(&"array") => self.array(node, value, path),
            Some(&"string") => self.pattern(node, value, path),
            Some(&"integer") => self.range(node, value, path),
            Some(_) => {}
        }
    }

    /// Checks a choice: a map with one key, or a string if it carries nothing. Some choices are told apart by type.
    fn choice(&mut self, node: &'static Json, branches: &'static [Json], value: &Value, path: &str) {
        let mut names = Vec::new();
        for branch in branches.iter().map(|branch| self.resolve(branch)) {
            if let Some(word) = branch["const"].as_str() {
                if value.as_str() == Some(word) {
                    return;
                }
                names.push(format!("the string `{word}`"));
            } else if branch["additionalProperties"] == Json::Bool(false) {
                let tag = branch["required"][0].as_str().unwrap_or_default();
                names.push(format!("{{`{tag}`: ...}}"));
                if let Some([(key, inner)]) = value.as_map().map(Vec::as_slice)
                    && key.as_str() == Some(tag)
                {
                    return self.node(&branch["properties"][tag], inner, &join(path, tag));
                }
            } else {
                let types = types(branch);
                if types.iter().any(|name| is(name, branch, value)) {
                    return self.node(branch, value, path);
                }
                names.push(expected(branch, &types));
            }
        }
        let advice = match value {
            Value::Map(fields) if fields.len() != 1 => "a choice is a map with exactly one key, which names it",
            Value::Map(_) => "the key is none of those; nothing may be added to the choices of a version",
            _ => "a choice is a map with one key that names it, or a string where it carries nothing",
        };
        let what = node["description"].as_str().map(|text| format!(" ({text})")).unwrap_or_default();
        self.report(path, format!("one of {}{what}", names.join(", ")), shown(value), advice);
    }

    fn object(&mut self, node: &'static Json, value: &Value, path: &str) {
        let fields = value.as_map().map(Vec::as_slice).unwrap_or_default();
        let mut seen = BTreeSet::new();
        for (key, inner) in fields {
            let Some(name) = key.as_str() else {
                self.report(path, "keys that are strings".to_owned(), format!("the key {}", shown(key)), "write each key as a str");
                continue;
            };
            if !seen.insert(name) {
                self.report(path, "each key once".to_owned(), format!("`{name}` twice"), "write each field once");
            }
            // Other keys belong to later versions and are ignored.
            if let Some(property) = node["properties"].get(name) {
                self.node(property, inner, &join(path, name));
            } else if node["additionalProperties"].is_object() {
                self.node(&node["additionalProperties"], inner, &format!("{path}[{name:?}]"));
            }
        }
        for name in node["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            if !seen.contains(name) {
                let keys: Vec<&str> = seen.iter().copied().collect();
                let what = node["properties"][name]["description"].as_str().unwrap_or("it is required");
                let found = if keys.is_empty() { "no keys".to_owned() } else { format!("the keys {}", keys.join(", ")) };
                self.report(path, format!("a key `{name}`"), found, &format!("add `{name}`: {what}"));
            }
        }
    }

    fn array(&mut self, node: &'static Json, value: &Value, path: &str) {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let first = node["prefixItems"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(least) = node["minItems"].as_u64().filter(|_| items.len() != first.len()) {
            let what = node["description"].as_str().unwrap_or_default();
            self.report(
                path,
                format!("a list of {least} items: {what}"),
                format!("a list of {}", items.len()),
                "write all of them, in this order",
            );
            return;
        }
        for (i, item) in items.iter().enumerate() {
            let schema = first.get(i).unwrap_or(&node["items"]);
            self.node(schema, item, &format!("{path}[{i}]"));
        }
    }

    fn pattern(&mut self, node: &'static Json, value: &Value, path: &str) {
        let Some(pattern) = node["pattern"].as_str() else { return };
        if !value.as_str().is_some_and(|text| self.schema.patterns[pattern].is_match(text)) {
            let what = node["description"].as_str().map_or_else(|| format!("a string that matches {pattern}"), str::to_owned);
            self.report(path, what, shown(value), "floats are written as C's %a and Python's float.hex, integers in decimal");
        }
    }

    fn range(&mut self, node: &'static Json, value: &Value, path: &str) {
        let number = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from)).unwrap_or_default();
        let end = |key: &str| node[key].as_i64().map(i128::from).or(node[key].as_u64().map(i128::from));
        if end("minimum").is_some_and(|least| number < least) || end("maximum").is_some_and(|most| number > most) {
            let range = format!(
                "an integer from {} to {}",
                end("minimum").unwrap_or(0),
                end("maximum").map_or("any".to_owned(), |n| n.to_string())
            );
            self.report(path, range, shown(value), "is a signed marker (0xd0 to 0xd3) used for a large unsigned number?");
        }
    }
}

/// The path of a field below `path`.
pub(super) fn join(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn types(node: &'static Json) -> Vec<&'static str> {
    match &node["type"] {
        Json::String(name) => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_binary(node: &Json) -> bool {
    node.get("contentEncoding").is_some()
}

fn is(name: &str, node: &Json, value: &Value) -> bool {
    match name {
        "object" => value.is_map(),
        "array" => value.is_array(),
        "string" if is_binary(node) => matches!(value, Value::Binary(_)),
        "string" => value.as_str().is_some(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_bool(),
        "null" => value.is_nil(),
        _ => true,
    }
}

fn expected(node: &Json, types: &[&str]) -> String {
    let word = |name: &&str| match *name {
        "object" => "a map",
        "array" => "a list",
        "string" if is_binary(node) => "bytes (bin)",
        "string" => "a string (str)",
        "integer" => "an integer",
        "boolean" => "a boolean",
        _ => "nil",
    };
    let words: Vec<&str> = types.iter().map(word).collect();
    let what = node["description"].as_str().map(|text| format!(": {text}")).unwrap_or_default();
    format!("{}{what}", words.join(" or "))
}

fn advice(node: &Json, types: &[&str], value: &Value) -> &'static str {
    match value {
        Value::String(text) if text.as_str().is_none() => "make the string valid UTF-8",
        Value::String(_) if types.contains(&"string") && is_binary(node) => "bytes are of type bin (0xc4 to 0xc6), not str",
        Value::Binary(_) if types.contains(&"string") => "text is of type str (0xa0 to 0xbf, 0xd9 to 0xdb), not bin",
        Value::F32(_) | Value::F64(_) => "the protocol has no MessagePack floats: integers are integers, Python floats hexadecimal strings",
        Value::Ext(..) => "the protocol has no extension types",
        Value::Nil => "a field that is not known is left out; nil stands only where the schema says null",
        _ => "write the type that the schema gives",
    }
}

/// A value of MessagePack, as a short text.
pub(super) fn shown(value: &Value) -> String {
    let brief =
        |text: &str| if text.chars().count() > 60 { format!("{}...", text.chars().take(60).collect::<String>()) } else { text.to_owned() };
    match value {
        Value::Nil => "nil".to_owned(),
        Value::Boolean(v) => format!("the boolean {v}"),
        Value::Integer(v) => format!("the integer {v}"),
        Value::F32(v) => format!("the MessagePack float {v}"),
        Value::F64(v) => format!("the MessagePack float {v}"),
        Value::String(text) => match text.as_str() {
            Some(text) => format!("the string {:?}", brief(text)),
            None => "a string that is not UTF-8".to_owned(),
        },
        Value::Binary(bytes) => format!("{} bytes", bytes.len()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Map(fields) => {
            let keys: Vec<String> =
                fields.iter().take(6).map(|(key, _)| key.as_str().map_or_else(|| shown(key), |key| format!("`{}`", brief(key)))).collect();
            if keys.is_empty() { "an empty map".to_owned() } else { format!("a map with {}", keys.join(", ")) }
        }
        Value::Ext(kind, _) => format!("the extension type {kind}"),
    }
}

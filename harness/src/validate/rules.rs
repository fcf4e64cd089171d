//! The rules that a schema cannot say: lengths of bytes, registers, ids, order, and names that other frames declared.

use std::collections::BTreeSet;

use array_assay_interface::{Arg, DType, Program};
use array_assay_spec::Spec;
use rmpv::Value;

use super::mismatch::{Declared, Mismatch};
use super::schema::{join, shown};

/// The greatest length of the message of an exception, in characters.
const MESSAGE: usize = 2_000;

/// The greatest length of the traceback of an exception, in characters.
const TRACEBACK: usize = 8_000;

/// The kinds of default dtypes.
const KINDS: [&str; 4] = ["real floating", "complex floating", "integral", "indexing"];

/// The field of a map.
pub(super) fn get<'v>(map: &'v Value, name: &str) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
}

/// The strings in a list field of a map.
fn texts<'v>(map: &'v Value, name: &str) -> Vec<&'v str> {
    items(get(map, name)).iter().filter_map(Value::as_str).collect()
}

/// The items of a list. Empty if there is no list.
fn items(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The fields of a map. Empty if there is no map.
fn fields(map: Option<&Value>) -> &[(Value, Value)] {
    map.and_then(Value::as_map).map(Vec::as_slice).unwrap_or_default()
}

/// What an identity declares.
pub(super) fn declared(identity: &Value) -> Declared {
    let set = |name| texts(identity, name).into_iter().map(str::to_owned).collect();
    let lacks = fields(get(identity, "capabilities")).iter().filter(|(_, has)| has.as_bool() == Some(false));
    let lacks = lacks.filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect();
    Declared { dtypes: set("dtypes"), devices: set("devices"), lacks }
}

/// Checks an identity that follows the schema. `asked` are the functions that `hello` asked for.
pub(super) fn identity(identity: &Value, asked: &BTreeSet<String>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut report = |path: String, expected: String, what: String, advice: &str| {
        found.push(Mismatch::new(join("identity", &path), expected, what, advice));
    };
    if let Some(version) = get(identity, "protocol").and_then(Value::as_u64).filter(|version| *version != 1) {
        report("protocol".into(), "1".into(), version.to_string(), "this tool speaks version 1");
    }
    for (list, known) in
        [("dtypes", DType::ALL.map(DType::name).to_vec()), ("extensions", Spec::embedded().extensions()), ("devices", vec![])]
    {
        let mut seen = BTreeSet::new();
        for (i, name) in texts(identity, list).into_iter().enumerate() {
            let place = format!("{list}[{i}]");
            if !known.is_empty() && !known.contains(&name) {
                report(place, format!("one of {}", known.join(", ")), format!("`{name}`"), "leave out what the standard does not name");
            } else if !seen.insert(name) {
                report(place, "each name once".into(), format!("`{name}` twice"), "write each name once");
            }
        }
    }
    let has = texts(identity, "dtypes");
    if has.is_empty() {
        report("dtypes".into(), "the standard's dtypes that the library has".into(), "none".into(), "without dtypes nothing can be tested");
    }
    for (kind, dtype) in fields(get(identity, "default_dtypes")) {
        let (kind, dtype) = (kind.as_str().unwrap_or_default(), dtype.as_str().unwrap_or_default());
        let place = format!("default_dtypes[{kind:?}]");
        if !KINDS.contains(&kind) {
            report(place, format!("one of the kinds {}", KINDS.join(", ")), format!("`{kind}`"), "leave out other kinds");
        } else if !has.contains(&dtype) {
            report(
                place,
                format!("one of the dtypes declared: {}", has.join(", ")),
                format!("`{dtype}`"),
                "a default dtype is one that the library has",
            );
        }
    }
    for (i, revision) in texts(identity, "revisions").into_iter().enumerate() {
        if revision.parse::<array_assay_format::Revision>().is_err() {
            let known: Vec<&str> = array_assay_format::Revision::ALL.iter().map(|revision| revision.word()).collect();
            report(
                format!("revisions[{i}]"),
                format!("one of {}", known.join(", ")),
                format!("`{revision}`"),
                "claim revisions by their names",
            );
        }
    }
    for (name, presence) in fields(get(identity, "functions")) {
        let name = name.as_str().unwrap_or_default();
        let place = format!("functions[{name:?}]");
        if !asked.contains(name) {
            report(
                place.clone(),
                "functions that `hello` asked for".into(),
                format!("`{name}`"),
                "answer for the names in `functions` of `hello` alone",
            );
        }
        let mut seen = BTreeSet::new();
        for (i, parameter) in items(get(presence, "signature")).iter().enumerate() {
            let parameter = get(parameter, "name").and_then(Value::as_str).unwrap_or_default();
            if !seen.insert(parameter) {
                report(
                    format!("{place}.signature[{i}].name"),
                    "each parameter once".into(),
                    format!("`{parameter}` twice"),
                    "write each parameter once",
                );
            }
        }
    }
    found
}

/// Checks whether a frame answers the batch and the programs that are due.
pub(super) fn order(frame: &Value, id: u64, answered: usize, programs: usize, outcomes: usize) -> Vec<Mismatch> {
    let number = |name: &str| get(frame, name).and_then(Value::as_u64);
    let mut found = Vec::new();
    if number("id").is_some_and(|other| other != id) {
        let advice = "echo the id of the batch; batches are answered in the order in which they came";
        found.push(Mismatch::new("outcomes.id", id.to_string(), shown(get(frame, "id").unwrap_or(&Value::Nil)), advice));
    }
    if number("first").is_some_and(|first| first != answered as u64) {
        let advice = "`first` is the number of outcomes of this batch that were sent before, each once and in order";
        found.push(Mismatch::new("outcomes.first", answered.to_string(), shown(get(frame, "first").unwrap_or(&Value::Nil)), advice));
    }
    let left = programs.saturating_sub(answered);
    if outcomes > left {
        let advice = "one outcome for each program, over all frames of the batch";
        found.push(Mismatch::new(
            "outcomes.outcomes",
            format!("at most {left} outcomes: so many programs are left"),
            format!("{outcomes} outcomes"),
            advice,
        ));
    } else if outcomes == 0 && left > 0 {
        let advice = "send a frame when there is an outcome; only a batch without programs is answered by an empty one";
        found.push(Mismatch::new("outcomes.outcomes", "at least one outcome", "none", advice));
    }
    found
}

/// Checks the outcome of a program that follows the schema.
pub(super) fn outcome(outcome: &Value, program: &Program, declared: &Declared, path: &str) -> Vec<Mismatch> {
    let Some([(kind, inner)]) = outcome.as_map().map(Vec::as_slice) else { return Vec::new() };
    let kind = kind.as_str().unwrap_or_default();
    let path = join(path, kind);
    let mut check = Outcome { declared, called: !program.steps.is_empty(), found: Vec::new() };
    if kind == "values" {
        let (given, due) = (items(Some(inner)), program.returns.len());
        if given.len() != due {
            let registers: Vec<String> = program.returns.iter().map(u32::to_string).collect();
            let advice = "hand back the registers of `returns`, in that order: a program that ran has exactly so many values";
            check.report(&path, format!("{due} values: the registers {}", registers.join(", ")), format!("{} values", given.len()), advice);
        }
        check.values(given, &path);
        return check.found;
    }
    let step = get(inner, "step").and_then(Value::as_u64);
    if let Some(step) = step.filter(|step| *step >= program.steps.len() as u64) {
        let advice = "`step` counts the steps of the plan from 0, not the registers; it is nil where an input or a result is at fault";
        check.report(
            &join(&path, "step"),
            format!("less than {}: the program has so many steps", program.steps.len()),
            step.to_string(),
            advice,
        );
    }
    let made = items(get(inner, "values"));
    if made.len() > program.returns.len() {
        let advice = "only returned registers are handed back, those that were made before the failure";
        check.report(&join(&path, "values"), format!("at most {} values", program.returns.len()), format!("{} values", made.len()), advice);
    }
    check.values(made, &join(&path, "values"));
    match kind {
        "missing" => check.missing(inner, program, step, &path),
        "unsupported" => {
            let name = get(inner, "capability").and_then(Value::as_str).unwrap_or_default();
            if !declared.lacks.contains(name) {
                let advice = "declare it as false in `capabilities` of `identity`; without that it counts as `raised`";
                check.report(
                    &join(&path, "capability"),
                    "a capability that `identity` declared as false".into(),
                    format!("`{name}`"),
                    advice,
                );
            }
        }
        _ => check.exception(get(inner, "exception"), &join(&path, "exception")),
    }
    check.found
}

/// Checks an outcome.
struct Outcome<'a> {
    declared: &'a Declared,
    /// Whether the program calls the library. Its arrays may then hold any bytes, because those of `empty` come back as they are.
    called: bool,
    found: Vec<Mismatch>,
}

impl Outcome<'_> {
    fn report(&mut self, path: &str, expected: String, found: String, advice: &str) {
        self.found.push(Mismatch::new(path, expected, found, advice));
    }

    fn missing(&mut self, inner: &Value, program: &Program, step: Option<u64>, path: &str) {
        let name = get(inner, "name").and_then(Value::as_str).unwrap_or_default();
        let step = step.and_then(|step| program.steps.get(step as usize));
        let mut known: Vec<String> = program.inputs.iter().map(|array| array.dtype.name().to_owned()).collect();
        if let Some(step) = step {
            known = vec![step.function.clone()];
            known.extend(step.arguments().flat_map(Arg::nodes).filter_map(Arg::dtype).map(|dtype| dtype.name().to_owned()));
        }
        // The library may lack the dtype of an input or of an argument.
        if !known.iter().any(|word| word == name) {
            known.sort();
            known.dedup();
            let advice = "`name` is the path of the step's function, or the name of a dtype; anything else that goes wrong is `raised`";
            self.report(&join(path, "name"), format!("one of {}", known.join(", ")), format!("`{name}`"), advice);
        }
    }

    fn exception(&mut self, exception: Option<&Value>, path: &str) {
        for (field, limit) in [("message", MESSAGE), ("traceback", TRACEBACK)] {
            let length = exception.and_then(|e| get(e, field)).and_then(Value::as_str).map_or(0, |text| text.chars().count());
            if length > limit {
                self.report(
                    &join(path, field),
                    format!("at most {limit} characters"),
                    format!("{length} characters"),
                    "cut long texts off",
                );
            }
        }
    }

    fn values(&mut self, values: &[Value], path: &str) {
        for (i, value) in values.iter().enumerate() {
            self.value(value, &format!("{path}[{i}]"));
        }
    }

    fn value(&mut self, value: &Value, path: &str) {
        let Some([(kind, inner)]) = value.as_map().map(Vec::as_slice) else { return };
        let kind = kind.as_str().unwrap_or_default();
        let path = join(path, kind);
        match kind {
            "array" => self.array(items(Some(inner)), &path),
            "array_scalar" => self.array(items(get(inner, "array")), &join(&path, "array")),
            "scalar" => {
                let digits = get(inner, "int").and_then(Value::as_str);
                if let Some(digits) = digits.filter(|digits| digits.parse::<i128>().is_err()) {
                    self.report(
                        &join(&path, "int"),
                        "an integer of at most 128 bits".into(),
                        digits.to_owned(),
                        "greater integers are `opaque`",
                    );
                }
            }
            "dtype" => self.names(
                inner,
                &path,
                DType::ALL.map(DType::name).iter().map(|name| (*name).to_owned()).collect(),
                "dtypes of the standard",
            ),
            "device" => self.names(inner, &path, self.declared.devices.clone(), "devices of `identity`"),
            "tuple" | "list" => self.values(items(Some(inner)), &path),
            "named_tuple" | "dict" => {
                let mut seen = BTreeSet::new();
                for (i, pair) in items(Some(inner)).iter().enumerate() {
                    let [name, value] = items(Some(pair)) else { continue };
                    let name = name.as_str().unwrap_or_default();
                    if !seen.insert(name) {
                        self.report(
                            &format!("{path}[{i}][0]"),
                            "each name once".into(),
                            format!("`{name}` twice"),
                            "write each field once",
                        );
                    }
                    self.value(value, &format!("{path}[{i}][1]"));
                }
            }
            _ => {}
        }
    }

    fn array(&mut self, array: &[Value], path: &str) {
        let [dtype, shape, data] = array else { return };
        let Some(dtype) = dtype.as_str().and_then(|name| name.parse::<DType>().ok()) else { return };
        if !self.declared.dtypes.contains(dtype.name()) {
            let advice = "list every dtype of the standard that the library has in `dtypes` of `identity`";
            self.report(&format!("{path}[0]"), "a dtype that `identity` declared".into(), format!("`{dtype}`"), advice);
        }
        let sizes: Vec<u64> = items(Some(shape)).iter().filter_map(Value::as_u64).collect();
        let bytes = sizes.iter().try_fold(dtype.size() as u64, |bytes, n| bytes.checked_mul(*n));
        let data = data.as_slice().unwrap_or_default();
        if bytes != Some(data.len() as u64) {
            let due = bytes.map_or("so many that they cannot be counted".to_owned(), |bytes| bytes.to_string());
            let advice =
                "the elements' bytes in C order, without padding; none where an axis has length 0, one element for the empty shape";
            self.report(
                &format!("{path}[2]"),
                format!("{due} bytes for {dtype} of shape {sizes:?}"),
                format!("{} bytes", data.len()),
                advice,
            );
        } else if let Some((i, byte)) = data.iter().enumerate().find(|(_, byte)| dtype == DType::Bool && !self.called && **byte > 1) {
            self.report(
                &format!("{path}[2]"),
                "bytes 0 and 1 for bool".into(),
                format!("the byte {byte} at {i}"),
                "a boolean is a byte 0 or 1",
            );
        }
    }

    fn names(&mut self, list: &Value, path: &str, known: BTreeSet<String>, what: &str) {
        for (i, name) in items(Some(list)).iter().enumerate() {
            let name = name.as_str().unwrap_or_default();
            if !known.contains(name) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let advice = "the names that compare equal to the object; an empty list where none does";
                self.report(&format!("{path}[{i}]"), format!("{what}: {}", known.join(", ")), format!("`{name}`"), advice);
            }
        }
    }
}

//! results.schema.json says exactly what the Rust records write: the same fields, the same words.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_format::{
    Accuracy, BackendInfo, Blocker, Cause, Cell, Check, CheckId, Classes, ClauseRef, ConsumerCase, ConsumerRecord, Counterexample, Covered,
    FORMAT_VERSION, Footer, FunctionTime, GapRecord, Header, Level, Met, NativeRecord, Property, Ratio, RatioAccuracy, Record, ReplayEnd,
    Revision, Timing, Tool, UlpAccuracy, Verdict,
};
use array_assay_interface::{Arg, Array, DType, Element, Program, Role, Scalar, Slice, Step};
use boon::{Compiler, SchemaIndex, Schemas};
use serde::Serialize;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../results.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// The compiled schema, or one of its definitions.
struct Validator(Schemas, SchemaIndex);

impl Validator {
    fn new(schema: Value, definition: &str) -> Validator {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("urn:array-assay:results:1", schema).unwrap();
        let index = compiler.compile(&format!("urn:array-assay:results:1{definition}"), &mut schemas).unwrap();
        Validator(schemas, index)
    }

    fn takes(&self, value: &Value) -> Result<(), String> {
        self.0.validate(value, self.1).map_err(|error| format!("{error:#}\n{value:#}"))
    }
}

/// The schema with every object closed, so that a field that it lacks is an error.
fn closed(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(close);
                if map.get("properties").is_some_and(|p| p.as_object().is_some_and(|p| !p.contains_key("properties"))) {
                    map.entry("additionalProperties").or_insert(json!(false));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

fn text(s: &str) -> String {
    s.to_owned()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| (text(k), text(v))).collect()
}

fn header() -> Header {
    Header {
        format: FORMAT_VERSION,
        tool: Tool { name: text("array-assay"), version: text("0.1.0") },
        backend: BackendInfo {
            name: text("compat:numpy"),
            devices: vec![text("cpu")],
            capabilities: BTreeMap::from([(text("boolean indexing"), true)]),
            also: map(&[("array-api-compat", "1.14")]),
            withdrawn_layouts: map(&[("strided", "raised")]),
            scalars_for_arrays: vec![text("numpy.int8")],
            lost: map(&[("negative zero", "it comes back as 0.0")]),
            ..BackendInfo::default()
        },
        revisions: Revision::ALL.to_vec(),
        draft: Some(text("0123abcd")),
        seed: u64::MAX,
        cases: 100,
        options: map(&[("shard", "1/2")]),
    }
}

fn arguments() -> Vec<Arg> {
    let scalars = [
        Scalar::Bool(true),
        Scalar::Int(-(1 << 100)),
        Scalar::Float(1.5),
        Scalar::Float(f64::NEG_INFINITY),
        Scalar::Float(-f64::NAN),
        Scalar::Float(-0.0),
        Scalar::Float(5e-324),
        Scalar::Complex((f64::NAN, 1e300)),
    ];
    let mut arguments: Vec<Arg> = scalars.into_iter().map(Arg::Scalar).collect();
    arguments.extend(DType::ALL.map(Arg::Dtype));
    arguments.extend([
        Arg::Register(0),
        Arg::Str(text("ij")),
        Arg::Device(text("cpu")),
        Arg::Slice(Slice { start: Some(-1), stop: None, step: Some(2) }),
        Arg::None,
        Arg::Ellipsis,
        Arg::List(vec![Arg::Register(0), Arg::None]),
    ]);
    arguments
}

fn counterexample() -> Counterexample {
    let array = Array::from_elements(DType::Float32, vec![1, 2], [Element::F32(f32::NAN), Element::F32(1.0)]);
    let step = |role| Step { function: text("add"), args: vec![Arg::Tuple(arguments())], kwargs: vec![(text("axis"), Arg::None)], role };
    Counterexample {
        program: Program { inputs: vec![array], steps: vec![step(Role::Prepare), step(Role::Subject)], returns: vec![1] },
        call: text("add(...)"),
        expected: text("1"),
        got: text("2"),
        step: Some(1),
        note: Some(text("note")),
        snippet: text("import numpy"),
    }
}

fn accuracy() -> UlpAccuracy {
    UlpAccuracy { max_ulp: 4.5, mean_ulp: 0.1, worst: Some(text("1.0")), limit: Some(4.0) }
}

fn ratio() -> Ratio {
    Ratio { what: text("residual"), class: Some(text("hilbert")), threshold: 30.0, count: 3, max: 1.5, mean: 0.5 }
}

/// With everything that may be absent.
fn full_cell() -> Cell {
    Cell {
        dtype: text("int8+uint8"),
        device: text("cpu"),
        verdict: Verdict::Fail,
        cause: Some(Cause::WrongValue),
        since: Some(Revision::V2023_12),
        cases: 50,
        failures: 3,
        kinds: BTreeMap::from([(Cause::WrongValue, BTreeMap::from([(text("NaN for a number"), 3)])), (Cause::Crashed, BTreeMap::new())]),
        classes: Classes { flushed: 1, alternative: 2 },
        accuracy: Some(Accuracy::Ulp(accuracy())),
        counterexample: Some(counterexample()),
        note: Some(text("two of three tries")),
    }
}

/// With nothing that may be absent.
fn bare_cell() -> Cell {
    let kinds = BTreeMap::new();
    Cell { since: None, note: None, cause: None, kinds, accuracy: None, counterexample: None, verdict: Verdict::Pass, ..full_cell() }
}

fn full_check() -> Check {
    let id: CheckId = "elementwise/atan2::special/x1-pos-x2-neg-zero".parse().unwrap();
    Check {
        function: text("atan2"),
        category: id.category.clone(),
        property: id.property,
        level: Level::Must,
        gated_at: Some(Level::Must),
        since: Revision::V2021_12,
        until: Some(Revision::V2022_12),
        verdict: Verdict::Fail,
        cells: vec![full_cell(), bare_cell()],
        clause: Some(ClauseRef { says: text("x1 > 0: +pi/2"), url: text("https://data-apis.org/") }),
        doubt: Some(text("why")),
        blocked_by: Some(id.clone()),
        exercised: BTreeMap::from([("negative-index".to_owned(), 12)]),
        covered: Some(Covered { levels: Met { met: 7, all: 7 }, pairs: Met { met: 11, all: 12 } }),
        gap: Some(full_gap()),
        consumer: Some(Box::new(full_consumer(id.clone()))),
        last_of_function: true,
        id,
    }
}

fn full_consumer(check: CheckId) -> ConsumerRecord {
    let blocker = Blocker {
        function: text("operator.setitem"),
        at: text("sklearn/discriminant_analysis.py:120"),
        via: Some(text("at")),
        statement: text("x[0, :] = mean(y, axis=0)"),
        cause: Cause::Raised,
        message: text("TypeError: immutable"),
        check: Some(check),
    };
    let case = ConsumerCase {
        name: text("float64-20"),
        end: ReplayEnd::Blocked,
        why: text("the path differs"),
        statements: 109,
        leaves: BTreeMap::from([(text("bool"), 3)]),
        blockers: vec![blocker.clone(), Blocker { via: None, check: None, ..blocker }],
    };
    ConsumerRecord { version: text("1.9.1"), says: text("fit(X, y)"), face: text("eager"), cases: vec![case] }
}

fn full_gap() -> GapRecord {
    let native = NativeRecord { path: text("amin"), signature: Some(text("amin(a)")), note: Some(text("propagates NaN")) };
    GapRecord {
        proposed: text("nanmin(x, /)"),
        says: text("the least"),
        status: text("proposed"),
        demand: 12.5,
        carried: vec![text("SciPy")],
        trackers: vec![text("https://github.com/data-apis/array-api/issues/621")],
        hazards: vec![text("infinities")],
        native: Some(native),
    }
}

fn bare_check() -> Check {
    let (exercised, last_of_function) = (BTreeMap::new(), false);
    Check {
        gated_at: None,
        until: None,
        clause: None,
        doubt: None,
        blocked_by: None,
        exercised,
        covered: None,
        cells: vec![],
        gap: None,
        consumer: None,
        last_of_function,
        ..full_check()
    }
}

fn footer() -> Footer {
    Footer {
        checks: 8,
        verdicts: Verdict::ALL.iter().map(|verdict| (*verdict, 1)).collect(),
        conforms: Revision::ALL.iter().map(|revision| (*revision, true)).collect(),
        calls: 240_000,
        wall_s: 12.5,
        backend_s: 6.0,
        workers: 2,
        timing: Timing::default(),
        functions: [(text("linalg/svd"), FunctionTime { calls: 500, wall_s: 0.5, cpu_s: Some(0.25) })].into(),
        restarts: 1,
        retries: 2,
        finished: Some(text("2026-11-29T18:04:31Z")),
    }
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn every_record_is_valid_and_has_no_field_that_the_schema_lacks() {
    let validator = Validator::new(closed(schema()), "");
    let records = [
        Record::Header(header()),
        Record::Header(Header { draft: None, ..header() }),
        Record::Check(full_check()),
        Record::Check(bare_check()),
        Record::Footer(footer()),
    ];
    for record in records {
        validator.takes(&to_json(&record)).unwrap();
    }
}

#[test]
fn readers_of_later_versions_are_not_shut_out() {
    let mut check = to_json(&Record::Check(full_check()));
    check["a_later_field"] = json!(1);
    Validator::new(schema(), "").takes(&check).unwrap();
    serde_json::from_value::<Record>(check).unwrap();
}

#[test]
fn what_is_no_record_is_refused() {
    let validator = Validator::new(schema(), "");
    let harmed = |record: Record, harm: fn(&mut Value)| {
        let mut value = to_json(&record);
        harm(&mut value);
        validator.takes(&value)
    };
    let check = || Record::Check(full_check());
    harmed(check(), |_| ()).unwrap();
    harmed(check(), |v| v["verdict"] = json!("failed")).unwrap_err();
    harmed(check(), |v| v["id"] = json!("elementwise/atan2::specials")).unwrap_err();
    harmed(check(), |v| v["cells"][0]["cases"] = json!(-1)).unwrap_err();
    harmed(check(), |v| v["cells"][0]["kinds"] = json!({"wrong": {"NaN for a number": 1}})).unwrap_err();
    harmed(check(), |v| drop(v["cells"][0].as_object_mut().unwrap().remove("cause"))).unwrap_err();
    harmed(check(), |v| v["cells"][0]["counterexample"]["program"]["steps"][0]["args"] = json!([{"scalar": {"int": 1}}])).unwrap_err();
    harmed(Record::Header(header()), |v| v["format"] = json!(2)).unwrap_err();
    harmed(Record::Footer(footer()), |v| v["verdicts"]["good"] = json!(1)).unwrap_err();
}

/// The records with the names of their definitions: with all fields, and with those alone that are always written.
fn records() -> Vec<(&'static str, Value, Value)> {
    let both = |name, value: Value| (name, value.clone(), value);
    let step = |step: Step| to_json(&step);
    let bare_step = Step { function: text("add"), args: vec![], kwargs: vec![], role: Role::Subject };
    let of_consumer = full_consumer("elementwise/abs::call".parse().unwrap());
    vec![
        both("header", to_json(&Record::Header(header()))),
        ("check", to_json(&Record::Check(full_check())), to_json(&Record::Check(bare_check()))),
        both("consumer", to_json(&of_consumer)),
        both("consumer_case", to_json(&of_consumer.cases[0])),
        both("blocker", to_json(&of_consumer.cases[0].blockers[0])),
        both("covered", to_json(&Covered::default())),
        both("met", to_json(&Met::default())),
        ("gap", to_json(&full_gap()), to_json(&GapRecord { native: None, ..full_gap() })),
        ("native", to_json(&full_gap().native), to_json(&NativeRecord { path: text("amin"), signature: None, note: None })),
        (
            "footer",
            to_json(&Record::Footer(footer())),
            to_json(&Record::Footer(Footer { finished: None, functions: [].into(), ..footer() })),
        ),
        both("tool", to_json(&header().tool)),
        both("backend", to_json(&header().backend)),
        both("clause", to_json(&full_check().clause)),
        ("cell", to_json(&full_cell()), to_json(&bare_cell())),
        both("classes", to_json(&Classes::default())),
        both("ulp_accuracy", to_json(&Accuracy::Ulp(accuracy()))),
        both("ratio_accuracy", to_json(&Accuracy::Ratio(RatioAccuracy { ratio: vec![ratio()] }))),
        both("ratio", to_json(&ratio())),
        both("counterexample", to_json(&counterexample())),
        both("timing", to_json(&Timing::default())),
        both("function_time", to_json(&FunctionTime::default())),
        both("program", to_json(&counterexample().program)),
        both("array", to_json(&counterexample().program.inputs[0])),
        ("step", step(counterexample().program.steps[0].clone()), step(bare_step)),
        both("slice", to_json(&Slice::default())),
    ]
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

#[test]
fn fields_are_the_same_on_both_sides() {
    let schema = schema();
    let records = records();
    for (name, full, bare) in &records {
        let definition = &schema["$defs"][name];
        assert_eq!(keys(&definition["properties"]), keys(full), "fields of {name}");
        assert_eq!(words(&definition["required"]).into_iter().collect::<BTreeSet<_>>(), keys(bare), "what {name} always has");
    }
    let compared: BTreeSet<&str> = records.iter().map(|(name, ..)| *name).collect();
    let objects = schema["$defs"].as_object().unwrap().iter().filter(|(_, definition)| definition.get("properties").is_some());
    assert_eq!(objects.map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), compared, "every object of the schema is compared");
}

#[test]
fn words_are_the_same_on_both_sides() {
    let schema = schema();
    let role = |role| to_json(&role).as_str().unwrap().to_owned();
    let vocabularies: [(&str, Vec<String>); 7] = [
        ("revision", Revision::ALL.iter().map(ToString::to_string).collect()),
        ("level", Level::ALL.iter().map(ToString::to_string).collect()),
        ("property", Property::ALL.iter().map(ToString::to_string).collect()),
        ("verdict", Verdict::ALL.iter().map(ToString::to_string).collect()),
        ("cause", Cause::ALL.iter().map(ToString::to_string).collect()),
        ("dtype", DType::ALL.iter().map(ToString::to_string).collect()),
        ("role", vec![role(Role::Prepare), role(Role::Subject)]),
    ];
    for (name, expected) in &vocabularies {
        assert_eq!(words(&schema["$defs"][name]["enum"]), *expected, "{name}");
    }
    let enumerations = schema["$defs"].as_object().unwrap().iter().filter(|(_, definition)| definition.get("enum").is_some());
    assert_eq!(enumerations.count(), vocabularies.len(), "every enumeration of the schema is compared");
    let id = Validator::new(schema, "#/$defs/check_id");
    for property in Property::ALL {
        id.takes(&json!(format!("array/__add__::{property}"))).unwrap();
        id.takes(&json!(format!("array/__add__::{property}/a-slug"))).unwrap();
    }
}

#[test]
fn every_word_is_valid_where_it_stands() {
    let validator = Validator::new(schema(), "");
    let check = |cell: Cell, harm: &dyn Fn(&mut Check)| {
        let mut check = Check { cells: vec![cell], ..bare_check() };
        harm(&mut check);
        validator.takes(&to_json(&Record::Check(check))).unwrap();
    };
    Verdict::ALL.iter().for_each(|v| check(Cell { verdict: *v, ..bare_cell() }, &|check| check.verdict = *v));
    Cause::ALL.iter().for_each(|cause| check(Cell { cause: Some(*cause), ..full_cell() }, &|_| ()));
    Level::ALL.iter().for_each(|level| check(bare_cell(), &|check| check.level = *level));
    Property::ALL.iter().for_each(|property| check(bare_cell(), &|check| check.property = *property));
    Revision::ALL.iter().for_each(|revision| check(Cell { since: Some(*revision), ..full_cell() }, &|check| check.since = *revision));
}

/// The name under which an enum's variant stands in JSON.
fn tag(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

#[test]
fn arguments_and_scalars_have_the_same_variants_on_both_sides() {
    fn variants(schema: &Value, name: &str) -> BTreeSet<String> {
        let of = |v: &Value| v.get("const").map_or_else(|| words(&v["required"])[0].to_owned(), |word| word.as_str().unwrap().to_owned());
        schema["$defs"][name]["oneOf"].as_array().unwrap().iter().map(of).collect()
    }
    // These matches fail to compile when a variant is added: put it into `arguments` too.
    let covered = |arg: &Arg| match arg {
        Arg::Array(_) | Arg::Str(_) | Arg::Dtype(_) | Arg::Device(_) | Arg::Slice(_) => (),
        Arg::None | Arg::Ellipsis | Arg::Tuple(_) | Arg::List(_) => (),
        Arg::Scalar(Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_) | Scalar::Complex(_)) => (),
        Arg::Fields(none, _) => match *none {},
    };
    let mut all = arguments();
    all.push(Arg::Tuple(vec![]));
    all.iter().for_each(covered);
    assert_eq!(all.iter().map(|arg| tag(&to_json(arg))).collect::<BTreeSet<_>>(), variants(&schema(), "argument"));
    let scalars = all.iter().filter_map(|arg| if let Arg::Scalar(scalar) = arg { Some(tag(&to_json(scalar))) } else { None });
    assert_eq!(scalars.collect::<BTreeSet<_>>(), variants(&schema(), "scalar"));
}

#[test]
fn an_infinite_error_survives() {
    let ulp = UlpAccuracy { max_ulp: f64::INFINITY, mean_ulp: f64::INFINITY, ..accuracy() };
    let ratio = Ratio { max: f64::INFINITY, mean: f64::INFINITY, class: None, ..ratio() };
    for accuracy in [Accuracy::Ulp(ulp), Accuracy::Ratio(RatioAccuracy { ratio: vec![ratio] })] {
        let cell = Cell { accuracy: Some(accuracy.clone()), ..full_cell() };
        let json = to_json(&Record::Check(Check { cells: vec![cell], ..bare_check() }));
        Validator::new(schema(), "").takes(&json).unwrap();
        let Record::Check(read) = serde_json::from_value::<Record>(json).unwrap() else { panic!("no check") };
        assert_eq!(read.cells[0].accuracy, Some(accuracy));
    }
}

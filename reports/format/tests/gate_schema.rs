//! gate.schema.json says exactly what the Rust records write.

use std::collections::BTreeSet;

use array_assay_format::{BaselineEntry, GATE_FORMAT_VERSION, GateReport, Level, Outcome, Revision, StaleEntry, Standing, Tool, Verdict};
use boon::{Compiler, Schemas};
use serde_json::{Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../gate.schema.json")).unwrap()
}

fn report() -> GateReport {
    let entry = BaselineEntry {
        check: "elementwise/*".to_owned(),
        reason: "why".to_owned(),
        link: Some("https://example.org".to_owned()),
        file: Some("known.yaml".to_owned()),
        first_line: Some(3),
        last_line: Some(7),
    };
    let bare = BaselineEntry { link: None, file: None, first_line: None, last_line: None, ..entry.clone() };
    let id = || "elementwise/abs::value".parse().unwrap();
    let full = Standing {
        id: id(),
        outcome: Outcome::Failed,
        verdict: Verdict::Fail,
        message: "must: fail".to_owned(),
        known: vec![entry.clone(), bare],
        report: Some("# a report".to_owned()),
    };
    let bare = Standing { message: String::new(), known: Vec::new(), report: None, ..full.clone() };
    GateReport {
        format: GATE_FORMAT_VERSION,
        tool: Tool { name: "array-assay".to_owned(), version: "0.1.0".to_owned() },
        backend: "numpy".to_owned(),
        revision: Revision::NEWEST,
        level: Level::Must,
        open: false,
        checks: vec![full, bare],
        stale: vec![StaleEntry { check: id(), entry, says: "remove it".to_owned() }],
    }
}

fn takes(value: &Value) -> bool {
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("urn:array-assay:gate:1", schema()).unwrap();
    let index = compiler.compile("urn:array-assay:gate:1", &mut schemas).unwrap();
    schemas.validate(value, index).is_ok()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_fields_are_the_same_on_both_sides() {
    let (schema, value) = (schema(), serde_json::to_value(report()).unwrap());
    assert!(takes(&value));
    let defs = &schema["$defs"];
    for (definition, full, bare) in [
        (&schema, &value, &value),
        (&defs["standing"], &value["checks"][0], &value["checks"][1]),
        (&defs["entry"], &value["checks"][0]["known"][0], &value["checks"][0]["known"][1]),
        (&defs["stale"], &value["stale"][0], &value["stale"][0]),
        (&schema["properties"]["tool"], &value["tool"], &value["tool"]),
    ] {
        assert_eq!(keys(&definition["properties"]), keys(full));
        assert_eq!(words(&definition["required"]).into_iter().collect::<BTreeSet<_>>(), keys(bare));
    }
    assert_eq!(serde_json::from_value::<GateReport>(value).unwrap(), report());
}

#[test]
fn the_words_are_the_same_on_both_sides() {
    let (schema, word) = (schema(), |value: Value| value.as_str().unwrap().to_owned());
    let standing = &schema["$defs"]["standing"]["properties"];
    let outcomes = Outcome::ALL.map(|outcome| word(serde_json::to_value(outcome).unwrap()));
    assert_eq!(words(&standing["outcome"]["enum"]), outcomes);
    assert_eq!(words(&standing["verdict"]["enum"]), Verdict::ALL.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(words(&schema["properties"]["level"]["enum"]), Level::ALL.iter().map(ToString::to_string).collect::<Vec<_>>());
}

#[test]
fn what_is_no_report_is_refused_and_later_fields_are_not() {
    let harmed = |harm: &dyn Fn(&mut Value)| {
        let mut value = serde_json::to_value(report()).unwrap();
        harm(&mut value);
        takes(&value)
    };
    assert!(harmed(&|value| value["later"] = json!(1)));
    assert!(!harmed(&|value| value["checks"][0]["outcome"] = json!("failure")));
    assert!(!harmed(&|value| value["open"] = json!("yes")));
    assert!(!harmed(&|value| value["stale"][0]["entry"]["first_line"] = json!(0)));
}

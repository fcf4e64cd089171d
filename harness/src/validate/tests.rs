//! Each rule of the protocol is broken once.

use array_assay_interface::{Arg, Array, DType, Element, Role, Step};
use serde_json::{Value as Json, json};

use super::*;

/// A frame from JSON, which has no bytes: `{"bytes": [...]}` stands for bin.
fn wire(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(v) => Value::Boolean(*v),
        Json::Number(n) => n.as_u64().map(Value::from).or(n.as_i64().map(Value::from)).unwrap_or_else(|| Value::F64(n.as_f64().unwrap())),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(wire).collect()),
        Json::Object(fields) => match fields.get("bytes") {
            Some(bytes) => Value::Binary(bytes.as_array().unwrap().iter().map(|b| b.as_u64().unwrap() as u8).collect()),
            None => Value::Map(fields.iter().map(|(key, value)| (Value::from(key.as_str()), wire(value))).collect()),
        },
    }
}

fn body(frame: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    rmpv::encode::write_value(&mut out, frame).unwrap();
    out
}

fn identity() -> Json {
    json!({"identity": {
        "protocol": 1, "name": "tiny", "version": "1.0", "devices": ["cpu"], "dtypes": ["bool", "int8", "float64"],
        "default_dtypes": {"real floating": "float64"}, "revisions": ["2025.12"], "extensions": ["linalg"],
        "capabilities": {"boolean indexing": true, "data-dependent shapes": false},
        "functions": {"add": {}, "negative": {"signature": [{"name": "x", "kind": "positional_only"}]}},
        "a key of later versions": 1.5,
    }})
}

fn array() -> Json {
    json!({"array": ["int8", [2], {"bytes": [1, 2]}]})
}

/// The outcomes of batch 7, which has a call of `add` and a program without calls.
fn outcomes() -> Json {
    json!({"outcomes": {"id": 7, "first": 0, "outcomes": [{"values": [array()]}, {"values": [array()]}]}})
}

fn programs() -> Vec<Program> {
    let input = Array::from_elements(DType::Int8, vec![2], (0..2).map(Element::Int));
    let args = vec![Arg::Register(0), Arg::Register(0)];
    let kwargs = vec![("dtype".to_owned(), Arg::Dtype(DType::Float32))];
    let add = Step { function: "add".to_owned(), args, kwargs, role: Role::Subject };
    vec![
        Program { inputs: vec![input.clone()], steps: vec![add], returns: vec![1] },
        Program { inputs: vec![input], steps: vec![], returns: vec![0] },
    ]
}

/// A session that sent its identity, and to which a batch was sent.
fn session(validation: &Arc<Validation>, identity: &Json) -> Session {
    let mut session = Session::new(validation, &["add".to_owned(), "negative".to_owned()]);
    session.received(&body(&wire(identity)));
    session.sent(7, &programs());
    session
}

/// The breaches of a session with these frames.
fn said(identity: &Json, frames: &[Json]) -> Vec<Breach> {
    let validation = Arc::<Validation>::default();
    let mut session = session(&validation, identity);
    frames.iter().for_each(|frame| session.received(&body(&wire(frame))));
    validation.breaches()
}

/// The only breach of a frame in which the value at a JSON pointer is replaced.
fn one(mut frame: Json, pointer: &str, value: Json) -> Breach {
    *frame.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value.clone();
    let breaches = if frame.get("identity").is_some() { said(&frame, &[]) } else { said(&identity(), &[frame]) };
    assert_eq!(breaches.len(), 1, "{pointer} {value}: {breaches:#?}");
    breaches[0].clone()
}

#[test]
fn frames_that_follow_the_protocol_have_no_breach() {
    assert_eq!(said(&identity(), &[outcomes()]), []);
    let raised = json!({"raised": {"exception": {"type": "E", "message": "m"}, "step": 0, "values": []}});
    let missing = json!({"missing": {"name": "add", "step": 0}});
    let dtype = json!({"missing": {"name": "float32", "step": 0}});
    let unsupported = json!({"unsupported": {"capability": "data-dependent shapes", "step": null}});
    let value = json!({"tuple": [
        "none", {"scalar": {"float": "-0x1.8p+3"}}, {"scalar": {"int": "-5"}}, {"dtype": ["int64"]}, {"device": ["cpu"]},
        {"named_tuple": [["values", array()]]}, {"opaque": "<o>"}, {"array": ["bool", [], {"bytes": [1]}]}, {"array": ["int8", [3, 0], {"bytes": []}]},
    ]});
    for outcome in [raised, missing, dtype, unsupported, json!({"values": [value]})] {
        let one_by_one = [
            json!({"outcomes": {"id": 7, "first": 0, "outcomes": [outcome]}}),
            json!({"outcomes": {"outcomes": [{"values": [array()]}], "first": 1, "id": 7}}),
        ];
        assert_eq!(said(&identity(), &one_by_one), [], "{outcome}");
    }
}

/// Replaces the value at a pointer of a frame, and asserts the path of the breach, and words of what it expected and found.
fn assert_named(frame: fn() -> Json, cases: &[(&str, Json, &str, &str, &str)]) {
    for (pointer, value, path, expected, found) in cases {
        let breach = one(frame(), pointer, value.clone());
        assert_eq!(breach.path, *path, "{breach}");
        assert!(breach.expected.contains(expected), "{expected}\n{breach}");
        assert!(breach.found.contains(found), "{found}\n{breach}");
        assert!(!breach.advice.is_empty());
    }
}

#[test]
fn identities() {
    assert_named(
        identity,
        &[
            ("/identity/protocol", json!(2), "identity.protocol", "1", "2"),
            ("/identity/protocol", json!("1"), "identity.protocol", "an integer", "the string \"1\""),
            ("/identity/name", json!({"bytes": [65]}), "identity.name", "a string (str)", "1 bytes"),
            ("/identity/devices", json!("cpu"), "identity.devices", "a list", "the string"),
            ("/identity/devices", json!(["cpu", "cpu"]), "identity.devices[1]", "each name once", "twice"),
            ("/identity/dtypes", json!(["float64", "float16"]), "identity.dtypes[1]", "complex128", "`float16`"),
            ("/identity/default_dtypes", json!({"real": "float64"}), "identity.default_dtypes[\"real\"]", "real floating", "`real`"),
            ("/identity/default_dtypes", json!({"integral": "int64"}), "identity.default_dtypes[\"integral\"]", "declared", "`int64`"),
            ("/identity/revisions", json!(["2020.12"]), "identity.revisions[0]", "2021.12", "`2020.12`"),
            ("/identity/extensions", json!(["blas"]), "identity.extensions[0]", "linalg", "`blas`"),
            (
                "/identity/capabilities",
                json!({"max dimensions": 4}),
                "identity.capabilities[\"max dimensions\"]",
                "a boolean",
                "the integer 4",
            ),
            ("/identity/functions", json!({"nanmin": {}}), "identity.functions[\"nanmin\"]", "asked for", "`nanmin`"),
            ("/identity/functions", json!(["add"]), "identity.functions", "a map", "a list of 1"),
            (
                "/identity/functions/negative/signature/0/kind",
                json!("positional"),
                "identity.functions[\"negative\"].signature[0].kind",
                "positional_only",
                "positional",
            ),
            ("/identity/functions/negative/signature", json!("x"), "identity.functions[\"negative\"].signature", "nil", "the string"),
        ],
    );
    let mut nameless = identity();
    nameless["identity"].as_object_mut().unwrap().remove("name");
    let breach = &said(&nameless, &[])[0];
    assert!(breach.expected.contains("a key `name`") && breach.found.contains("version"), "{breach}");
}

#[test]
fn outcomes_of_batches() {
    let second = "outcomes.outcomes[1]";
    let in_second = |path: &str| format!("{second}{path}");
    let at = "/outcomes/outcomes/1";
    let failed = |kind: &str, inner: Json| json!({ kind: inner });
    let cases = [
        ("/outcomes/id", json!(8), "outcomes.id".to_owned(), "7", "8"),
        ("/outcomes/id", json!(-1), "outcomes.id".to_owned(), "from 0", "-1"),
        ("/outcomes/first", json!(1), "outcomes.first".to_owned(), "0", "1"),
        ("/outcomes/first", json!(0.5), "outcomes.first".to_owned(), "an integer", "MessagePack float"),
        ("/outcomes/outcomes", json!([]), "outcomes.outcomes".to_owned(), "at least one", "none"),
        (
            "/outcomes/outcomes",
            json!([{"values": [array()]}, {"values": [array()]}, {"values": [array()]}]),
            "outcomes.outcomes".to_owned(),
            "at most 2",
            "3 outcomes",
        ),
        (at, json!({"value": []}), second.to_owned(), "{`values`: ...}", "a map with `value`"),
        (at, json!({"values": [], "step": 0}), second.to_owned(), "{`values`: ...}", "a map with"),
        (at, json!({"values": []}), in_second(".values"), "1 values: the registers 0", "0 values"),
        (
            at,
            failed("raised", json!({"exception": {"type": "E"}, "step": null})),
            in_second(".raised.exception"),
            "a key `message`",
            "type",
        ),
        (
            at,
            failed("raised", json!({"exception": {"type": "E", "message": "m".repeat(2001)}})),
            in_second(".raised.exception.message"),
            "2000",
            "2001",
        ),
        (
            at,
            failed("raised", json!({"exception": {"type": "E", "message": ""}, "step": 1})),
            in_second(".raised.step"),
            "less than 0",
            "1",
        ),
        (at, failed("missing", json!({"name": "no such name", "step": null})), in_second(".missing.name"), "int8", "no such name"),
        (
            at,
            failed("missing", json!({"name": "int8", "values": [array(), array()]})),
            in_second(".missing.values"),
            "at most 1",
            "2 values",
        ),
        (
            at,
            failed("unsupported", json!({"capability": "boolean indexing"})),
            in_second(".unsupported.capability"),
            "as false",
            "boolean indexing",
        ),
    ];
    for (pointer, value, path, expected, found) in cases {
        assert_named(outcomes, &[(pointer, value, path.as_str(), expected, found)]);
    }
}

#[test]
fn returned_values() {
    let in_value = |path: &str| format!("outcomes.outcomes[1].values[0]{path}");
    let cases = [
        (json!({"tensor": 1}), in_value(""), "{`array`: ...}", "`tensor`"),
        (json!("nothing"), in_value(""), "the string `none`", "nothing"),
        (json!({"array": ["int8", [2]]}), in_value(".array"), "3 items", "a list of 2"),
        (json!({"array": ["float16", [2], {"bytes": [1, 2]}]}), in_value(".array[0]"), "`float64`", "float16"),
        (json!({"array": ["uint8", [2], {"bytes": [1, 2]}]}), in_value(".array[0]"), "declared", "`uint8`"),
        (json!({"array": ["int8", [-2], {"bytes": [1, 2]}]}), in_value(".array[1][0]"), "from 0", "-2"),
        (json!({"array": ["int8", [2], "AQI="]}), in_value(".array[2]"), "bytes (bin)", "the string"),
        (json!({"array": ["int8", [2], {"bytes": [1]}]}), in_value(".array[2]"), "2 bytes for int8 of shape [2]", "1 bytes"),
        (json!({"array": ["bool", [2], {"bytes": [1, 2]}]}), in_value(".array[2]"), "0 and 1", "the byte 2 at 1"),
        (json!({"scalar": {"int": 5}}), in_value(".scalar.int"), "a string (str)", "the integer 5"),
        (json!({"scalar": {"int": "9".repeat(39)}}), in_value(".scalar.int"), "128 bits", "999"),
        (json!({"scalar": {"float": "1.5"}}), in_value(".scalar.float"), "hexadecimal", "1.5"),
        (json!({"dtype": ["float16"]}), in_value(".dtype[0]"), "", "float16"),
        (json!({"device": ["gpu"]}), in_value(".device[0]"), "cpu", "gpu"),
        (json!({"dict": [["a", "none"], ["a", "none"]]}), in_value(".dict[1][0]"), "once", "`a` twice"),
        (
            json!({"list": [{"tuple": [{"array": ["int8", [], {"bytes": []}]}]}]}),
            in_value(".list[0].tuple[0].array[2]"),
            "1 bytes",
            "0 bytes",
        ),
    ];
    for (value, path, expected, found) in cases {
        assert_named(outcomes, &[("/outcomes/outcomes/1/values/0", value, path.as_str(), expected, found)]);
    }
}

#[test]
fn a_breach_names_its_frame_and_its_program() {
    let mut frame = outcomes();
    frame["outcomes"]["outcomes"][0] = json!({"values": [{"array": ["int8", [2], {"bytes": [1]}]}]});
    let text = said(&identity(), &[frame])[0].to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "frame 2 of worker 1 (outcomes of batch 7), at outcomes.outcomes[0].values[0].array[2]");
    assert_eq!(lines[1], "  program   add; inputs: int8 [2]");
    assert_eq!(lines[2], "  expected  2 bytes for int8 of shape [2]");
    assert_eq!(lines[3], "  found     1 bytes");
    assert!(lines[4].starts_with("  do        "), "{text}");
}

#[test]
fn a_place_is_named_once_and_counted() {
    let short = json!({"values": [{"array": ["int8", [2], {"bytes": [1]}]}]});
    let breaches = said(&identity(), &[json!({"outcomes": {"id": 7, "first": 0, "outcomes": [short, short]}})]);
    assert_eq!((breaches.len(), breaches[0].count), (1, 2));
    assert!(breaches[0].to_string().ends_with("2 times in all"));
}

#[test]
fn frames_out_of_order_are_breaches() {
    let again = &said(&identity(), &[identity()])[0];
    assert!(again.found.contains("a second identity"), "{again}");
    let too_many = &said(&identity(), &[outcomes(), outcomes()])[0];
    assert!(too_many.expected.contains("every batch is answered"), "{too_many}");
    let validation = Arc::<Validation>::default();
    Session::new(&validation, &[]).received(&body(&wire(&outcomes())));
    assert!(validation.breaches()[0].advice.contains("answer `hello`"));
}

#[test]
fn bytes_that_are_not_a_frame_are_breaches() {
    let broken = |bytes: &[u8]| {
        let validation = Arc::<Validation>::default();
        session(&validation, &identity()).received(bytes);
        validation.breaches().remove(0)
    };
    assert!(broken(&[body(&wire(&outcomes())), vec![0]].concat()).found.starts_with("1 bytes after it"));
    assert!(broken(&body(&wire(&outcomes()))[..20]).found.contains("no MessagePack"));
    let validation = Arc::<Validation>::default();
    let mut session = session(&validation, &identity());
    session.unreadable(&FrameError::TooLong(u32::from_le_bytes(*b"Hell")));
    assert!(validation.breaches()[0].found.contains("the text \"Hell\""));
    assert!(validation.breaches()[0].advice.contains("standard output"));
    session.silence(3.0);
    session.left("exit status: 0");
    session.stopped("exit status: 1");
    session.never_flushed(64, 1.0);
    let breaches = validation.breaches();
    assert_eq!(breaches.len(), 5);
    assert!(breaches[1].expected.contains("outcome 0 of 2 of batch 7") && breaches[1].program.as_deref() == Some("add; inputs: int8 [2]"));
}

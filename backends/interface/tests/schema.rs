//! protocol.schema.json takes the frames that this crate writes, and names no field that they lack.

use std::fmt;

use array_assay_interface::{
    Arg, Array, Block, DType, Element, Exception, HostFrame, Identity, Outcome, PROTOCOL_SCHEMA, Parameter, ParameterKind, Presence,
    Program, Role, Scalar, Slice, Step, Unfit, Value, WorkerFrame, encode_batch, encode_frame,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use boon::{Compiler, Schemas};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value as Json, json};

/// A frame as the schema has it: bytes are base64 text.
struct Frame(Json);

impl<'de> Deserialize<'de> for Frame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Frame;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a value of MessagePack")
            }

            fn visit_bool<E>(self, v: bool) -> Result<Frame, E> {
                Ok(Frame(json!(v)))
            }

            fn visit_i64<E>(self, v: i64) -> Result<Frame, E> {
                Ok(Frame(json!(v)))
            }

            fn visit_u64<E>(self, v: u64) -> Result<Frame, E> {
                Ok(Frame(json!(v)))
            }

            fn visit_str<E>(self, v: &str) -> Result<Frame, E> {
                Ok(Frame(json!(v)))
            }

            fn visit_bytes<E>(self, v: &[u8]) -> Result<Frame, E> {
                Ok(Frame(json!(BASE64.encode(v))))
            }

            fn visit_unit<E>(self) -> Result<Frame, E> {
                Ok(Frame(Json::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Frame, A::Error> {
                let mut out = Vec::new();
                while let Some(Frame(item)) = items.next_element()? {
                    out.push(item);
                }
                Ok(Frame(Json::Array(out)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Frame, A::Error> {
                let mut out = serde_json::Map::new();
                while let Some((name, Frame(value))) = fields.next_entry()? {
                    out.insert(name, value);
                }
                Ok(Frame(Json::Object(out)))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

fn json(body: &[u8]) -> Json {
    rmp_serde::from_slice::<Frame>(body).unwrap().0
}

/// The schema with every object closed, so that a field that it lacks is an error.
fn closed() -> Json {
    fn close(value: &mut Json) {
        match value {
            Json::Object(map) => {
                map.values_mut().for_each(close);
                if map.get("properties").is_some_and(|p| p.is_object()) && map.get("type") == Some(&json!("object")) {
                    map.entry("additionalProperties").or_insert(json!(false));
                }
            }
            Json::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = serde_json::from_str(PROTOCOL_SCHEMA).unwrap();
    close(&mut schema);
    schema
}

fn validate(definition: &str, value: &Json) {
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource("urn:array-assay:protocol:1", closed()).unwrap();
    let index = compiler.compile(&format!("urn:array-assay:protocol:1{definition}"), &mut schemas).unwrap();
    schemas.validate(value, index).unwrap_or_else(|error| panic!("{error:#}\n{value:#}"));
}

fn array(dtype: DType, shape: &[usize]) -> Array {
    Array::from_elements(dtype, shape.to_vec(), vec![Element::Int(1); shape.iter().product()])
}

#[test]
fn host_frames() {
    validate(
        "",
        &json(&encode_frame(&HostFrame::Hello { protocol: 1, functions: vec!["add".into()], reads: vec!["unfit".into()] }).unwrap()[4..]),
    );
    validate("", &json(&encode_frame(&HostFrame::Stop).unwrap()[4..]));

    let int = Arg::Scalar(Scalar::Int(-1));
    let args = vec![
        Arg::Register(0),
        Arg::Scalar(Scalar::Bool(true)),
        int.clone(),
        Arg::Scalar(Scalar::Float(f64::NEG_INFINITY)),
        Arg::Scalar(Scalar::Complex((0.1, -f64::NAN))),
        Arg::Str("x".into()),
        Arg::Dtype(DType::Bool),
        Arg::Device("cpu".into()),
        Arg::Slice(Slice { start: Some(-1), stop: None, step: Some(2) }),
        Arg::None,
        Arg::Ellipsis,
        Arg::Tuple(vec![int.clone()]),
        Arg::List(vec![int.clone()]),
    ];
    let steps = vec![
        Step { function: "f".into(), args, kwargs: vec![], role: Role::Prepare },
        Step { function: "g".into(), args: vec![], kwargs: vec![("axis".into(), int)], role: Role::Subject },
    ];
    let inputs: Vec<Array> = DType::ALL.into_iter().map(|dtype| array(dtype, &[1, 3])).collect();
    let count = inputs.len();
    let block = Block { program: Program { inputs: vec![array(DType::Int8, &[3, 2])], ..Program::default() }, runs: 3 };
    let batch = json(&encode_batch(7, &[Program { inputs, steps, returns: vec![0, 20] }.into(), block]).unwrap()[4..]);
    validate("", &batch);

    // What lies in bytes the schema does not look into.
    let plan = json(&BASE64.decode(batch["batch"]["plans"][0].as_str().unwrap()).unwrap());
    validate("#/$defs/plan", &plan);
    assert_eq!(plan["inputs"], json!(count));
    for input in batch["batch"]["programs"][0][1].as_array().unwrap() {
        assert_eq!(input[2].as_u64().unwrap() % 16, 0, "{input}");
    }
}

#[test]
fn worker_frames() {
    let one = || array(DType::Float32, &[1]);
    let fields = || vec![("a".to_owned(), Value::None)];
    let values = vec![
        Value::Array(array(DType::Uint8, &[300, 0])),
        Value::ArrayScalar { type_name: "numpy.float32".into(), array: one() },
        Value::Unfit(Unfit { dtype: DType::Uint8, shape: vec![2, 1], at: 1, element: "-1".into() }),
        Value::Scalar(Scalar::Int(1)),
        Value::Dtype(vec!["float32".into()]),
        Value::Device(vec!["cpu".into()]),
        Value::Tuple(vec![Value::None]),
        Value::List(vec![Value::Array(one())]),
        Value::NamedTuple(fields()),
        Value::Dict(fields()),
        Value::Str("x".into()),
        Value::None,
        Value::Opaque("<object>".into()),
    ];
    let exception = Exception { bases: vec!["Exception".into()], traceback: "t".into(), ..Exception::new("TypeError", "m") };
    let outcomes = vec![
        Outcome::Values(values.clone()),
        Outcome::Joined { runs: 300, values: vec![Value::Array(array(DType::Uint8, &[300, 0]))] },
        Outcome::Missing { name: "f".into(), step: None, values: values.clone() },
        Outcome::Unsupported { capability: "c".into(), step: Some(1), values: values.clone() },
        Outcome::Raised { exception, step: Some(0), values },
    ];
    validate("", &json(&encode_frame(&WorkerFrame::Outcomes { id: 1, first: 2, outcomes }).unwrap()[4..]));

    let parameter = |default| Parameter { name: "x".into(), kind: ParameterKind::KeywordOnly, default };
    let signature = Some(vec![parameter(None), parameter(Some("0".into()))]);
    let functions = [("f".to_owned(), Presence { signature }), ("g".to_owned(), Presence { signature: None })];
    let layouts = [("transposed", "permute"), ("reversed", "flip")].map(|(name, path)| (name.to_owned(), path.to_owned())).into();
    let identity = Identity { protocol: 1, devices: vec!["cpu".into()], functions: functions.into(), layouts, ..Identity::default() };
    validate("", &json(&encode_frame(&WorkerFrame::Identity(Box::new(identity))).unwrap()[4..]));
}

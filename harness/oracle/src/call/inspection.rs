//! The functions of the categories `inspection` and `constants`, which describe a namespace.
//!
//! A library decides most of the values itself. So only containers, keys and the kinds of values are judged.

use std::f64::consts;

use array_assay_interface::{DType, Kind, Scalar, Value};

use super::arguments::illegal;
use super::{Call, Condition, Expectation, Table, Undefined};

/// The functions, methods and constants, by path.
pub(super) const FUNCTIONS: Table = &[
    ("__array_api_version__", version),
    ("__array_namespace_info__", |_| Ok(some_object())),
    ("method.capabilities", capabilities),
    ("method.default_device", |_| Ok(Expectation::Anything)),
    ("method.default_dtypes", default_dtypes),
    ("method.devices", devices),
    ("method.dtypes", dtypes),
    ("e", |_| Ok(float(consts::E))),
    ("inf", |_| Ok(float(f64::INFINITY))),
    ("nan", |_| Ok(float(f64::NAN))),
    ("newaxis", |_| Ok(Expectation::None)),
    ("pi", |_| Ok(float(consts::PI))),
];

fn float(value: f64) -> Expectation {
    Expectation::Scalar(Scalar::Float(value))
}

/// A value that has to exist, and that the text does not describe.
pub(super) fn some_object() -> Expectation {
    satisfying(Expectation::Anything, |value| match value {
        Value::None => Err("an object".to_owned()),
        _ => Ok(()),
    })
}

/// A value of the form `parts` for which `check` holds. The error of `check` says what was expected instead.
pub(super) fn satisfying(parts: Expectation, check: impl Fn(&Value) -> Result<(), String> + 'static) -> Expectation {
    Expectation::Jointly(Box::new(parts), Condition::new(check))
}

/// The revision that the namespace follows, as a string of year and month.
fn version(_: &Call<'_>) -> Result<Expectation, Undefined> {
    Ok(satisfying(Expectation::Anything, |value| match value {
        Value::Str(text) if is_year_and_month(text) => Ok(()),
        _ => Err("a string such as \"2025.12\"".to_owned()),
    }))
}

fn is_year_and_month(text: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|c| c.is_ascii_digit());
    text.split_once('.').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
}

/// Two bools, and the largest rank or `None`.
fn capabilities(_: &Call<'_>) -> Result<Expectation, Undefined> {
    let keys = ["boolean indexing", "data-dependent shapes", "max dimensions"];
    let parts = keys.map(|key| (key.to_owned(), Expectation::Anything)).to_vec();
    Ok(satisfying(Expectation::Dict(parts), |value| {
        entries(value).iter().try_for_each(|(key, item)| match (key.as_str(), item) {
            ("boolean indexing" | "data-dependent shapes", Value::Scalar(Scalar::Bool(_))) => Ok(()),
            ("boolean indexing" | "data-dependent shapes", _) => Err(format!("{key:?} is a bool")),
            ("max dimensions", Value::Scalar(Scalar::Int(_)) | Value::None) => Ok(()),
            ("max dimensions", _) => Err(format!("{key:?} is an integer or None")),
            _ => Ok(()),
        })
    }))
}

/// One dtype for each of four kinds, among those that the text allows as defaults. Its recommendations are checked only for the current
/// device: without the argument, that the complex dtype goes with the real one; with `None`, that indices have 64 bits.
fn default_dtypes(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let current = call.get("device").is_none();
    let (pairs, wide) = (current && !call.is_given("device"), current && call.is_given("device"));
    let parts = DEFAULTS.iter().map(|(key, _)| ((*key).to_owned(), Expectation::Anything)).collect();
    Ok(satisfying(Expectation::Dict(parts), move |value| {
        entries(value).iter().try_for_each(|(key, item)| {
            let Some((_, admitted)) = DEFAULTS.iter().find(|(name, _)| name == key) else { return Ok(()) };
            let fits = matches!(item, Value::Dtype(names) if admitted.iter().any(|dtype| stands_for(names, *dtype)));
            let [first, second] = admitted;
            if fits { Ok(()) } else { Err(format!("{key:?} is {first} or {second}")) }
        })?;
        let has =
            |key: &str, dtype| entries(value).iter().any(|(k, v)| k == key && matches!(v, Value::Dtype(names) if stands_for(names, dtype)));
        if pairs && has("real floating", DType::Float32) != has("complex floating", DType::Complex64) {
            return Err("\"complex floating\" has the precision of \"real floating\"".to_owned());
        }
        // The harness runs on the same platform as the library.
        if wide && usize::BITS == 64 && !has("indexing", DType::Int64) {
            return Err("\"indexing\" is int64, but on 32-bit platforms".to_owned());
        }
        Ok(())
    }))
}

/// The dtypes that may be the default of their kind.
const DEFAULTS: [(&str, [DType; 2]); 4] = [
    ("real floating", [DType::Float32, DType::Float64]),
    ("complex floating", [DType::Complex64, DType::Complex128]),
    ("integral", [DType::Int32, DType::Int64]),
    ("indexing", [DType::Int32, DType::Int64]),
];

/// A sequence of anything that the library calls a device.
fn devices(_: &Call<'_>) -> Result<Expectation, Undefined> {
    Ok(satisfying(Expectation::Anything, |value| match value {
        Value::Tuple(_) | Value::List(_) | Value::NamedTuple(_) => Ok(()),
        _ => Err("a tuple (before 2025.12 a list) of devices".to_owned()),
    }))
}

/// The dtypes of the kinds asked for, under their names. A library or device is free to have only some of them. Those that the library makes
/// arrays of by default are among them.
fn dtypes(call: &Call<'_>) -> Result<Expectation, Undefined> {
    let admitted = match call.get("kind") {
        None => DType::ALL.to_vec(),
        Some(kinds) => {
            let mut union = Vec::new();
            for kind in kinds.parts() {
                union.extend(of_kind(kind.text().ok_or_else(|| illegal("`kind` is neither a string nor a tuple of strings"))?)?);
            }
            union
        }
    };
    let made = [DType::Bool, call.defaults.integer, call.defaults.real];
    let required = made.into_iter().filter(|dtype| call.get("device").is_none() && admitted.contains(dtype)).collect::<Vec<_>>();
    Ok(satisfying(Expectation::Dict(Vec::new()), move |value| {
        let entries = entries(value);
        let named = |dtype: DType| entries.iter().any(|(_, item)| matches!(item, Value::Dtype(names) if stands_for(names, dtype)));
        if let Some(dtype) = required.iter().find(|dtype| !named(**dtype)) {
            return Err(format!("the key \"{dtype}\", of which the library makes arrays by default"));
        }
        entries.iter().try_for_each(|(key, item)| {
            let Some(dtype) = admitted.iter().find(|dtype| dtype.name() == key) else {
                return Err(format!("no key {key:?}"));
            };
            let Value::Dtype(names) = item else { return Err(format!("{key:?} is a dtype")) };
            if !stands_for(names, *dtype) {
                return Err(format!("{key:?} is the dtype {dtype}"));
            }
            match entries.iter().find(|(other, _)| other != key && names.contains(other)) {
                Some((other, _)) => Err(format!("not both {key:?} and {other:?} for one dtype")),
                None => Ok(()),
            }
        })
    }))
}

/// The dtypes of a kind by the text's names of kinds.
fn of_kind(kind: &str) -> Result<Vec<DType>, Undefined> {
    use Kind::{Boolean, ComplexFloating, RealFloating, SignedInteger, UnsignedInteger};
    let kinds: &[Kind] = match kind {
        "bool" => &[Boolean],
        "signed integer" => &[SignedInteger],
        "unsigned integer" => &[UnsignedInteger],
        "integral" => &[SignedInteger, UnsignedInteger],
        "real floating" => &[RealFloating],
        "complex floating" => &[ComplexFloating],
        "numeric" => &[SignedInteger, UnsignedInteger, RealFloating, ComplexFloating],
        _ => return Err(illegal(format!("no kind {kind:?}"))),
    };
    Ok(DType::ALL.into_iter().filter(|dtype| kinds.contains(&dtype.kind())).collect())
}

/// Whether an observed dtype, given by the names of all dtypes that it equals, is `dtype`.
fn stands_for(names: &[String], dtype: DType) -> bool {
    names.iter().any(|name| name == dtype.name())
}

/// The entries of a mapping. A value of another type has none.
fn entries(value: &Value) -> &[(String, Value)] {
    match value {
        Value::Dict(entries) => entries,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Given;
    use array_assay_interface::Defaults;

    fn expected(path: &str, given: &[(&str, Given)]) -> Result<Expectation, Undefined> {
        let (_, semantics) = FUNCTIONS.iter().find(|(name, _)| *name == path).unwrap();
        semantics(&Call { given, dtype: None, defaults: Defaults::default() })
    }

    /// Whether the condition on the whole value holds. The container is judged separately.
    fn holds(path: &str, given: &[(&str, Given)], value: Value) -> bool {
        match expected(path, given).unwrap() {
            Expectation::Jointly(_, condition) => condition.check(&value).is_ok(),
            other => panic!("{other:?} is no condition"),
        }
    }

    fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
        Value::Dict(entries.map(|(key, value)| (key.to_owned(), value)).to_vec())
    }

    fn dtype(names: &[&str]) -> Value {
        Value::Dtype(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn constants_are_the_nearest_floats() {
        let value = |path| match expected(path, &[]).unwrap() {
            Expectation::Scalar(Scalar::Float(v)) => v,
            other => panic!("{other:?} is no float"),
        };
        assert_eq!((value("e").to_bits(), value("pi").to_bits()), (0x4005_bf0a_8b14_5769, 0x4009_21fb_5444_2d18));
        assert!(value("inf") == f64::INFINITY && value("nan").is_nan());
        assert!(matches!(expected("newaxis", &[]), Ok(Expectation::None)));
    }

    #[test]
    fn a_version_is_a_year_and_a_month() {
        let judged = |text: &str| holds("__array_api_version__", &[], Value::Str(text.to_owned()));
        assert!(judged("2024.12"));
        assert!(!judged("2024.1") && !judged("v2024.12") && !judged("2024-12") && !judged("2024.12.1"));
        assert!(!holds("__array_api_version__", &[], Value::Scalar(Scalar::Float(2024.12))));
    }

    #[test]
    fn capabilities_are_bools_and_a_rank() {
        let judged = |indexing: Value, rank: Value| {
            let shapes = Value::Scalar(Scalar::Bool(false));
            holds(
                "method.capabilities",
                &[],
                dict([("boolean indexing", indexing), ("data-dependent shapes", shapes), ("max dimensions", rank)]),
            )
        };
        let (yes, rank) = (Value::Scalar(Scalar::Bool(true)), Value::Scalar(Scalar::Int(64)));
        assert!(judged(yes.clone(), rank.clone()) && judged(yes.clone(), Value::None));
        assert!(!judged(Value::Scalar(Scalar::Int(1)), rank) && !judged(Value::None, Value::None));
        assert!(!judged(yes, Value::Scalar(Scalar::Float(f64::INFINITY))));
    }

    #[test]
    fn defaults_are_of_their_kind() {
        let judged = |real: &str, index: &str| {
            // The recommendations about defaults are checked only for the current device.
            let device = [("device", Given::Device("cpu".to_owned()))];
            holds("method.default_dtypes", &device, dict([("real floating", dtype(&[real])), ("indexing", dtype(&[index]))]))
        };
        assert!(judged("float32", "int64") && judged("float64", "int32"));
        assert!(!judged("complex64", "int64") && !judged("float32", "uint64"));
        assert!(!holds("method.default_dtypes", &[], dict([("integral", Value::Str("int64".to_owned()))])));
    }

    #[test]
    fn dtypes_stand_under_their_names_and_kinds() {
        let kind = |kind: &str| [("kind", Given::Str(kind.to_owned()))];
        assert!(holds("method.dtypes", &kind("integral"), dict([("uint8", dtype(&["uint8"])), ("int64", dtype(&["int64"]))])));
        assert!(!holds("method.dtypes", &kind("signed integer"), dict([("uint8", dtype(&["uint8"]))])));
        let of = |name: &str| dtype(&[name]);
        let all = |key: &str, item: Value| dict([("bool", of("bool")), ("int64", of("int64")), ("float64", of("float64")), (key, item)]);
        assert!(holds("method.dtypes", &[], all("int8", of("int8"))));
        assert!(!holds("method.dtypes", &[], all("int8", of("int16"))));
        assert!(!holds("method.dtypes", &[], all("float16", dtype(&[]))));
        let alias = || dtype(&["float32", "float64"]);
        assert!(holds("method.dtypes", &kind("real floating"), dict([("float32", alias())])));
        assert!(!holds("method.dtypes", &kind("real floating"), dict([("float32", alias()), ("float64", alias())])));
        let both = [("kind", Given::Tuple(vec![Given::Str("bool".to_owned()), Given::Str("real floating".to_owned())]))];
        assert!(holds("method.dtypes", &both, dict([("bool", of("bool")), ("float64", of("float64"))])));
        assert!(!holds("method.dtypes", &both, dict([("bool", of("bool"))])), "the library makes arrays of the other kind");
        assert!(!holds("method.dtypes", &both, dict([("bool", of("bool")), ("float64", of("float64")), ("complex64", of("complex64"))])));
        // Another device may lack what the default one has.
        let elsewhere = [("device", Given::Device("gpu".to_owned())), both[0].clone()];
        assert!(holds("method.dtypes", &elsewhere, dict([("bool", of("bool"))])));
        assert!(matches!(expected("method.dtypes", &kind("floating")), Err(Undefined::Illegal(_))));
    }
}

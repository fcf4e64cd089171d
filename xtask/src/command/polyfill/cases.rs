//! The tests of an emitted package as JSON: calls that the harness draws, and the results that the oracle expects.

use array_assay_harness::generate::{ArgForm, BackendProfile, CallStream};
use array_assay_interface::{Array, DType, Element, ParameterKind, Scalar};
use array_assay_oracle::call::{ArrayExpectation, Elements, Expectation, Given};
use array_assay_spec::{Function, Spec};
use serde_json::{Map, Value, json};

/// The largest number of combinations of dtypes per function.
const COMBINATIONS: usize = 6;
/// The largest sizes of axes: each combination is drawn once for each.
const SIZES: [usize; 2] = [2, 4];

/// The tests of all functions that have a polyfill and are not element-wise, by function name.
pub fn cases(spec: &Spec) -> Value {
    let profile = BackendProfile { devices: vec!["cpu".to_owned()], ..BackendProfile::default() };
    let mut out = Map::new();
    for polyfill in spec.polyfills.iter().filter(|p| !p.is_helper() && !p.name.contains('.')) {
        let Some(function) = spec.at_path(&polyfill.name).filter(|f| !f.is_elementwise()) else { continue };
        let of_function = of(spec, function, &profile);
        if !of_function.is_empty() {
            out.insert(polyfill.name.clone(), Value::Array(of_function));
        }
    }
    Value::Object(out)
}

fn of(spec: &Spec, function: &Function, profile: &BackendProfile) -> Vec<Value> {
    let Some(stream) = CallStream::new(spec, function, profile) else { return Vec::new() };
    let step = stream.combinations.len().div_ceil(COMBINATIONS).max(1);
    let drawn = (0..stream.combinations.len()).step_by(step).flat_map(|c| SIZES.map(|size| (c, size)));
    drawn
        .filter_map(|(combination, size)| {
            let case = stream.smaller(0, combination, size)?;
            let (mut args, mut kwargs) = (Vec::new(), Map::new());
            for ((name, given), form) in case.call.arguments.iter().zip(&case.call.forms) {
                let variadic = function.signature.parameters.iter().any(|p| p.name == *name && p.kind == ParameterKind::VarPositional);
                match (given.items(), form) {
                    (Some(items), _) if variadic => args.extend(items.iter().map(value).collect::<Option<Vec<_>>>()?),
                    (_, ArgForm::Positional) => args.push(value(given)?),
                    (_, ArgForm::Keyword) => {
                        kwargs.insert((*name).to_owned(), value(given)?);
                    }
                }
            }
            Some(json!({"args": args, "kwargs": kwargs, "expected": expected(&case.expectation)?}))
        })
        .collect()
}

fn value(given: &Given) -> Option<Value> {
    let all = |items: &[Given]| items.iter().map(value).collect::<Option<Vec<_>>>();
    Some(match given {
        Given::Array(array) => json!({"array": whole(array)}),
        Given::Scalar(scalar) => json!({"scalar": number(scalar.element())}),
        Given::Str(text) => json!({"str": text}),
        Given::Dtype(dtype) => json!({"dtype": dtype.name()}),
        Given::None => json!({"none": null}),
        Given::Tuple(items) => json!({"tuple": all(items)?}),
        Given::List(items) => json!({"list": all(items)?}),
        Given::Device(_) | Given::Slice(_) | Given::Ellipsis | Given::Fields(..) => return None,
    })
}

fn whole(array: &Array) -> Value {
    json!({"dtype": array.dtype.name(), "shape": array.shape, "data": array.elements().map(number).collect::<Vec<_>>()})
}

fn number(element: Element) -> Value {
    let float = |v: f64| if v.is_finite() { json!(v) } else { json!(Scalar::Float(v).to_string()) };
    match element {
        Element::Bool(v) => json!(v),
        Element::Int(v) => i64::try_from(v).map_or_else(|_| json!(v as u64), |v| json!(v)),
        Element::F32(_) | Element::F64(_) => float(element.components().0),
        Element::C64(..) | Element::C128(..) => json!([float(element.components().0), float(element.components().1)]),
    }
}

fn expected(expectation: &Expectation) -> Option<Value> {
    let all = |items: &[Expectation]| items.iter().map(expected).collect::<Option<Vec<_>>>();
    Some(match expectation {
        Expectation::Array(array) => json!({"array": array_expected(array)}),
        Expectation::Tuple(items) => json!({"tuple": all(items)?}),
        Expectation::List(items) => json!({"list": all(items)?}),
        Expectation::Named(fields) => {
            json!({"tuple": fields.iter().map(|(_, e)| expected(e)).collect::<Option<Vec<_>>>()?})
        }
        _ => return None,
    })
}

fn array_expected(array: &ArrayExpectation) -> Value {
    let real = |dtype: DType, re: f64, im: f64| if dtype.is_complex() { Element::C128(re, im) } else { Element::F64(re) };
    let (data, bounds) = match &array.elements {
        Elements::Exact(elements) | Elements::EitherZero(elements) => {
            (Some(elements.iter().map(|e| number(e.cast(array.dtype))).collect::<Vec<_>>()), None)
        }
        Elements::Near(near) => (
            Some(near.iter().map(|n| number(real(array.dtype, n.re, n.im))).collect()),
            Some(near.iter().map(|n| number(Element::F64(n.bound))).collect::<Vec<_>>()),
        ),
        // The tests compare only dtype and shape where the standard gives a condition and no values.
        Elements::Such(..) | Elements::Any(_) => (None, None),
    };
    json!({"dtype": array.dtype.name(), "shape": array.shape, "data": data, "bounds": bounds})
}

//! Programs as Rust, for backends that are crates.

use array_assay_interface::{Arg, DType, Element, Program, Register, Scalar};

/// A Rust program that runs `program` and prints its outcome. `backend` is the expression that makes the backend.
pub(super) fn rust(backend: &str, program: &Program) -> String {
    let mut out = String::from(
        "use array_assay_interface::{Arg, Array, DType, Element, Program, Scalar, Slice, Step, run_program};\n\nfn main() {\n",
    );
    out.push_str("    let program = Program {\n        inputs: vec![\n");
    for input in &program.inputs {
        let elements: Vec<String> = input.elements().map(|e| rust_element(e, input.dtype)).collect();
        out.push_str(&format!(
            "            Array::from_elements(DType::{:?}, vec!{:?}, [{}]),\n",
            input.dtype,
            input.shape,
            elements.join(", ")
        ));
    }
    out.push_str("        ],\n        steps: vec![\n");
    for step in &program.steps {
        let args: Vec<String> = step.args.iter().map(rust_arg).collect();
        let kwargs: Vec<String> = step.kwargs.iter().map(|(k, v)| format!("({k:?}.into(), {})", rust_arg(v))).collect();
        out.push_str(&format!(
            "            Step {{ function: {:?}.into(), args: vec![{}], kwargs: vec![{}], role: Default::default() }},\n",
            step.function,
            args.join(", "),
            kwargs.join(", ")
        ));
    }
    out.push_str(&format!("        ],\n        returns: vec!{:?},\n    }};\n", program.returns));
    out.push_str(&format!("    println!(\"{{:?}}\", run_program(&mut {backend}, &program));\n}}\n"));
    out
}

/// An element as a Rust expression.
fn rust_element(element: Element, dtype: DType) -> String {
    fn float(v: f64, suffix: &str) -> String {
        if v.is_nan() {
            format!("{}{suffix}::NAN", if v.is_sign_negative() { "-" } else { "" })
        } else if v.is_infinite() {
            format!("{suffix}::{}INFINITY", if v < 0.0 { "NEG_" } else { "" })
        } else {
            format!("{v:?}")
        }
    }
    match element {
        Element::Bool(v) => format!("Element::Bool({v})"),
        Element::Int(v) => format!("Element::Int({v})"),
        Element::F32(v) => format!("Element::F32({})", float(v.into(), "f32")),
        Element::F64(v) => format!("Element::F64({})", float(v, "f64")),
        other => {
            let (re, im) = other.components();
            let (name, suffix) = if dtype == DType::Complex64 { ("C64", "f32") } else { ("C128", "f64") };
            format!("Element::{name}({}, {})", float(re, suffix), float(im, suffix))
        }
    }
}

/// An argument as a Rust expression.
fn rust_arg(arg: &Arg) -> String {
    let list = |items: &[Arg]| items.iter().map(rust_arg).collect::<Vec<_>>().join(", ");
    match arg {
        Arg::Array(Register(r)) => format!("Arg::Register({r})"),
        Arg::Scalar(Scalar::Float(v)) if v.is_nan() => "Arg::Scalar(Scalar::Float(f64::NAN))".to_owned(),
        Arg::Scalar(Scalar::Float(v)) if v.is_infinite() => {
            format!("Arg::Scalar(Scalar::Float(f64::{}INFINITY))", if *v < 0.0 { "NEG_" } else { "" })
        }
        Arg::Scalar(scalar) => format!("Arg::Scalar(Scalar::{scalar:?})"),
        Arg::Str(text) => format!("Arg::Str({text:?}.into())"),
        Arg::Dtype(dtype) => format!("Arg::Dtype(DType::{dtype:?})"),
        Arg::Device(device) => format!("Arg::Device({device:?}.into())"),
        Arg::Slice(s) => format!("Arg::Slice(Slice {{ start: {:?}, stop: {:?}, step: {:?} }})", s.start, s.stop, s.step),
        Arg::None => "Arg::None".to_owned(),
        Arg::Ellipsis => "Arg::Ellipsis".to_owned(),
        Arg::Tuple(items) => format!("Arg::Tuple(vec![{}])", list(items)),
        Arg::List(items) => format!("Arg::List(vec![{}])", list(items)),
        Arg::Fields(none, _) => match *none {},
    }
}

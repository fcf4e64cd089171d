//! Programs as text: the call in one line, and a self-contained script in the backend's own language.

use array_assay_format::{Cause, Counterexample};
use array_assay_interface::{Arg, Array, DType, Element, Program, Scalar, Step};
use array_assay_oracle::call::Given;
use array_assay_spec::Function;

use crate::generate::{ArgForm, Call, Case, Layout, Operand};
use crate::judge::Failure;

/// The language of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// Python; the module that is the namespace.
    Python {
        /// Such as `numpy` or `array_api_compat.numpy`.
        module: String,
        /// What is printed of the array `x`, where that is lazy: an expression.
        shown: Option<String>,
    },
    /// Rust; the expression that makes the backend.
    Rust {
        /// Such as `array_assay_ndarray::Ndarray::default()`.
        backend: String,
    },
    /// Not known: the program is shown as JSON elsewhere.
    Other,
}

/// The call in one line, such as `add(float32([1.0, nan]), 2.0)`.
pub fn call(function: &Function, case: &Case) -> String {
    let mut items = Vec::new();
    for (operand, spec) in case.operands.iter().zip(&function.operands) {
        let text = match &operand.value {
            Operand::Array(array, layout) => {
                let text = if array.is_empty() {
                    format!("{}(shape {})", array.dtype, crate::judge::tuple(&array.shape))
                } else {
                    format!("{}({})", array.dtype, array.literal())
                };
                if *layout == Layout::Contiguous { text } else { format!("{layout} {text}") }
            }
            Operand::Scalar(scalar) => scalar.to_string(),
            Operand::Absent if operand.form == ArgForm::Keyword => continue,
            Operand::Absent => "None".to_owned(),
        };
        items.push(if operand.form == ArgForm::Keyword { format!("{}={text}", spec.name) } else { text });
    }
    format!("{}({})", function.path(), items.join(", "))
}

/// A call that is not element-wise in one line, such as `sum(float32([1.0, nan]), axis=0)`.
pub fn named_call(function: &Function, call: &Call<'_>) -> String {
    fn shown(given: &Given) -> String {
        let list = |items: &[Given]| items.iter().map(shown).collect::<Vec<_>>().join(", ");
        match given {
            Given::Array(array) if array.is_empty() => format!("{}(shape {})", array.dtype, crate::judge::tuple(&array.shape)),
            Given::Array(array) => format!("{}({})", array.dtype, array.literal()),
            Given::Scalar(scalar) => scalar.to_string(),
            Given::Str(text) => format!("{text:?}"),
            Given::Dtype(dtype) => dtype.to_string(),
            Given::Device(name) => format!("device {name}"),
            Given::Slice(slice) => {
                let part = |v: Option<i64>| v.map_or(String::new(), |v| v.to_string());
                format!("{}:{}:{}", part(slice.start), part(slice.stop), part(slice.step))
            }
            Given::None => "None".to_owned(),
            Given::Ellipsis => "...".to_owned(),
            Given::Tuple(items) if items.len() == 1 => format!("({},)", shown(&items[0])),
            Given::Tuple(items) => format!("({})", list(items)),
            Given::List(items) => format!("[{}]", list(items)),
        }
    }
    let items = call.arguments.iter().zip(&call.forms).map(|((name, given), form)| match form {
        ArgForm::Keyword => format!("{name}={}", shown(given)),
        ArgForm::Positional => shown(given),
    });
    format!("{}({})", function.path(), items.collect::<Vec<_>>().join(", "))
}

/// A word on the layouts, where some operand does not lie contiguous.
pub fn layouts_note(case: &Case) -> Option<String> {
    let layouts: Vec<String> = case.arrays().filter(|(_, l)| *l != Layout::Contiguous).map(|(_, l)| l.to_string()).collect();
    (!layouts.is_empty()).then(|| format!("only seen with {} operands", layouts.join(" and ")))
}

/// A script that runs the program and prints what it returns.
pub fn snippet(language: &Language, program: &Program) -> String {
    match language {
        Language::Python { module, shown } => python(module, shown.as_deref(), program),
        Language::Rust { backend } => rust(backend, program),
        Language::Other => String::new(),
    }
}

/// The counterexample of what shows without a call: a missing name, or a signature. Its script looks it up; `None` where no script can, since a
/// compiler tells, or Python itself has the function.
pub fn looked_up(language: &Language, path: &str, failure: &Failure, note: Option<String>) -> Option<Counterexample> {
    let Language::Python { module, .. } = language else { return None };
    let found = match path.split_once('.') {
        Some(("operator" | "builtins", _)) => return None,
        Some(("attribute" | "method", name)) => format!("xp.asarray(1.0).{name}"),
        _ => format!("xp.{path}"),
    };
    let (call, snippet) = if failure.cause == Cause::Signature {
        let snippet = format!("import inspect\nimport {module} as xp\n\nprint(inspect.signature({found}))\n");
        (format!("inspect.signature({path})"), snippet)
    } else {
        (path.to_owned(), format!("import {module} as xp\n\nprint({found})\n"))
    };
    let (expected, got) = (failure.expected.clone(), failure.got.clone());
    Some(Counterexample { program: Program::default(), call, expected, got, step: None, note, snippet })
}

/// Names of the namespace that are no functions, beside the dtypes.
const CONSTANTS: [&str; 5] = ["e", "inf", "nan", "newaxis", "pi"];

/// What a script prints of a result in which some arrays are lazy.
const SHOWN: &str = "\
def shown(x):
    if isinstance(x, (tuple, list)):
        return [shown(item) for item in x]
    return SHOWN if hasattr(x, \"dtype\") else x";

fn python(module: &str, shown: Option<&str>, program: &Program) -> String {
    let mut out = format!("import {module} as xp\n");
    let mut body = String::new();
    let name = |register: u32| register_name(program, register);
    for (i, input) in program.inputs.iter().enumerate() {
        body.push_str(&format!("{} = {}\n", name(i as u32), python_array(input)));
    }
    for (i, step) in program.steps.iter().enumerate() {
        let register = (program.inputs.len() + i) as u32;
        body.push_str(&format!("{} = {}\n", name(register), python_step(step, &name)));
    }
    let returned: Vec<String> = program.returns.iter().map(|r| name(*r)).collect();
    if let Some(shown) = shown {
        body.push_str(&format!("\n\n{}\n\n", SHOWN.replace("SHOWN", shown)));
    }
    let printed = |r: &String| if shown.is_some() { format!("repr(shown({r}))") } else { format!("repr({r})") };
    body.push_str(&format!("print({})\n", returned.iter().map(printed).collect::<Vec<_>>().join(", ")));
    if body.contains("operator.") {
        out.push_str("import operator\n");
    }
    if body.contains("nan") || body.contains("inf") {
        out.push_str("from math import inf, nan\n");
    }
    out.push('\n');
    out + &body
}

fn register_name(program: &Program, register: u32) -> String {
    match program.step_of(register) {
        None => format!("x{}", register + 1),
        Some(_) if program.returns.iter().filter(|r| program.step_of(**r).is_some()).eq([&register]) => "result".to_owned(),
        Some(_) => format!("y{}", register as usize - program.inputs.len() + 1),
    }
}

fn python_array(array: &Array) -> String {
    if array.is_empty() {
        return format!("xp.zeros({}, dtype=xp.{})", crate::judge::tuple(&array.shape), array.dtype);
    }
    format!("xp.asarray({}, dtype=xp.{})", array.literal(), array.dtype)
}

fn python_step(step: &Step, name: &impl Fn(u32) -> String) -> String {
    let args: Vec<String> = step.args.iter().map(|arg| python_arg(arg, name)).collect();
    if let ("operator.getitem", [array, Arg::Tuple(items)]) = (step.function.as_str(), step.args.as_slice()) {
        let slices: Vec<String> = items.iter().map(|item| python_index(item, name)).collect();
        let key = if slices.is_empty() { "()".to_owned() } else { slices.join(", ") };
        return format!("{}[{key}]", python_arg(array, name));
    }
    if step.function.parse::<DType>().is_ok() || CONSTANTS.contains(&step.function.as_str()) {
        return format!("xp.{}", step.function);
    }
    let (first, rest) = step.function.split_once('.').unwrap_or(("", &step.function));
    let (called, args) = match (first, args.split_first()) {
        ("attribute", Some((of, _))) => return format!("{of}.{rest}"),
        ("method", Some((of, args))) => (format!("{of}.{rest}"), args.to_vec()),
        ("operator", _) => (step.function.clone(), args),
        ("builtins", _) => (rest.to_owned(), args),
        _ => (format!("xp.{}", step.function), args),
    };
    let kwargs = step.kwargs.iter().map(|(key, arg)| format!("{key}={}", python_arg(arg, name)));
    let list: Vec<String> = args.into_iter().chain(kwargs).collect();
    format!("{called}({})", list.join(", "))
}

fn python_index(arg: &Arg, name: &impl Fn(u32) -> String) -> String {
    match arg {
        Arg::Slice(s) => {
            let part = |v: Option<i64>| v.map_or(String::new(), |v| v.to_string());
            let step = s.step.map_or(String::new(), |v| format!(":{v}"));
            format!("{}:{}{step}", part(s.start), part(s.stop))
        }
        other => python_arg(other, name),
    }
}

fn python_arg(arg: &Arg, name: &impl Fn(u32) -> String) -> String {
    let list = |items: &[Arg]| items.iter().map(|item| python_arg(item, name)).collect::<Vec<_>>().join(", ");
    match arg {
        Arg::Register(r) => name(*r),
        Arg::Scalar(scalar) => scalar.to_string(),
        Arg::Str(text) => format!("{text:?}"),
        Arg::Dtype(dtype) => format!("xp.{dtype}"),
        Arg::Device(device) => format!("{device:?}"),
        Arg::Slice(s) => {
            let part = |v: Option<i64>| v.map_or("None".to_owned(), |v| v.to_string());
            format!("slice({}, {}, {})", part(s.start), part(s.stop), part(s.step))
        }
        Arg::None => "None".to_owned(),
        Arg::Ellipsis => "...".to_owned(),
        Arg::Tuple(items) if items.len() == 1 => format!("({},)", list(items)),
        Arg::Tuple(items) => format!("({})", list(items)),
        Arg::List(items) => format!("[{}]", list(items)),
    }
}

fn rust(backend: &str, program: &Program) -> String {
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

fn rust_arg(arg: &Arg) -> String {
    let list = |items: &[Arg]| items.iter().map(rust_arg).collect::<Vec<_>>().join(", ");
    match arg {
        Arg::Register(r) => format!("Arg::Register({r})"),
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use array_assay_interface::Slice;

    /// The line of a script that makes a call on `x1`, a float64 array.
    fn line(function: &str, args: Vec<Arg>) -> String {
        let input = Array::from_elements(DType::Float64, vec![2], [Element::F64(1.0), Element::F64(f64::NAN)]);
        let args = [vec![Arg::Register(0)], args].concat();
        let step = Step { function: function.to_owned(), args, kwargs: vec![], role: Default::default() };
        let program = Program { inputs: vec![input], steps: vec![step], returns: vec![1] };
        let script = python("numpy", None, &program);
        assert_eq!(script.contains("import operator"), script.contains("operator."), "{script}");
        assert!(script.starts_with("import numpy as xp\n") && script.contains("from math import inf, nan\n"), "{script}");
        script.lines().find(|line| line.starts_with("result = ")).unwrap_or_default().to_owned()
    }

    #[test]
    fn what_is_lazy_is_computed_where_it_is_printed() {
        let step = Step { function: "abs".to_owned(), args: vec![Arg::Register(0)], kwargs: vec![], role: Default::default() };
        let input = Array::from_elements(DType::Float64, vec![1], [Element::F64(1.0)]);
        let program = Program { inputs: vec![input], steps: vec![step], returns: vec![1] };
        let script = python("dask.array", Some("x.compute()"), &program);
        assert!(script.contains("return x.compute() if ") && script.ends_with("print(repr(shown(result)))\n"), "{script}");
        assert!(python("numpy", None, &program).ends_with("print(repr(result))\n"));
    }

    #[test]
    fn what_shows_without_a_call_is_looked_up() {
        let python = Language::Python { module: "numpy".to_owned(), shown: None };
        let script = |language: &Language, path: &str, cause: Cause| {
            let (expected, got, verdict) = (String::new(), String::new(), array_assay_format::Verdict::Fail);
            let kinds = Default::default();
            let failure = Failure { index: 0, element: None, cause, expected, got, verdict, kinds };
            looked_up(language, path, &failure, None).map(|found| found.snippet)
        };
        let name = script(&python, "linalg.svd", Cause::MissingName);
        assert_eq!(name.as_deref(), Some("import numpy as xp\n\nprint(xp.linalg.svd)\n"));
        let signature = script(&python, "method.to_device", Cause::Signature);
        assert!(signature.is_some_and(|script| script.ends_with("print(inspect.signature(xp.asarray(1.0).to_device))\n")));
        assert_eq!(script(&python, "operator.add", Cause::Signature), None);
        assert_eq!(script(&Language::Other, "add", Cause::MissingName), None);
    }

    #[test]
    fn calls_are_written_as_python_has_them() {
        let two = Arg::Scalar(Scalar::Int(2));
        let slice = |step| Arg::Slice(Slice { start: Some(1), stop: None, step });
        for (function, args, expected) in [
            ("add", vec![two.clone()], "xp.add(x1, 2)"),
            ("operator.add", vec![two.clone()], "operator.add(x1, 2)"),
            ("operator.getitem", vec![Arg::Tuple(vec![slice(Some(-1)), Arg::Ellipsis])], "x1[1::-1, ...]"),
            ("operator.getitem", vec![Arg::Tuple(vec![])], "x1[()]"),
            ("operator.getitem", vec![slice(None)], "operator.getitem(x1, slice(1, None, None))"),
            ("builtins.float", vec![], "float(x1)"),
            ("method.to_device", vec![Arg::Str("cpu".to_owned())], "x1.to_device(\"cpu\")"),
            ("attribute.shape", vec![], "x1.shape"),
            ("linalg.svd", vec![], "xp.linalg.svd(x1)"),
        ] {
            assert_eq!(line(function, args), format!("result = {expected}"));
        }
    }
}

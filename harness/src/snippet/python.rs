//! Programs as Python scripts. A script needs only the library. It prints the result of the call, and ends with an assertion that fails as
//! long as the library deviates.

use std::collections::BTreeMap;

use array_assay_interface::{Arg, Array, DType, Element, Program, REPRESENTATION, Register, Role, Scalar, Step, Value};

use super::Repeated;
use super::call::{in_place, key, sequence, slice, typed};
use crate::generate::tuple;
use crate::judge::{Demand, Fact, Is, Number, Part, Real, Where, index_of};

/// How scripts use a library.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Python {
    /// The module with the functions, such as `numpy` or `array_api_compat.numpy`.
    pub module: String,
    /// The modules of extensions, by the extension's name, if they are not attributes of the module.
    pub modules: BTreeMap<String, String>,
    /// If arrays are lazy or do not print their elements: a Python expression that makes the array `x` printable.
    pub shown: Option<String>,
    /// If `asarray` does not make arrays: a Python expression that makes an array of the nested lists `host` and the library's dtype
    /// `dtype`.
    pub made: Option<String>,
    /// The library's names of dtypes that differ from the standard's.
    pub names: BTreeMap<String, String>,
    /// The forms of an array that a step may make, by name: a Python expression of the array `x`.
    pub representations: BTreeMap<String, String>,
}

/// Names of the namespace that are neither functions nor dtypes.
const CONSTANTS: [&str; 6] = ["__array_api_version__", "e", "inf", "nan", "newaxis", "pi"];

/// A Python function that makes results with lazy arrays printable.
const SHOWN: &str = "\
def shown(x):
    if isinstance(x, (tuple, list)):
        return [shown(item) for item in x]
    own = hasattr(x, \"dtype\") and type(x).__module__.split(\".\")[0] not in (\"builtins\", \"numpy\")
    return SHOWN if own and hasattr(x, \"shape\") else x
";

/// A Python function that finds the library's device by its name.
const DEVICE: &str = "\
def device(name):
    \"\"\"The library's device of this name.\"\"\"
    if hasattr(xp, \"__array_namespace_info__\"):
        devices = xp.__array_namespace_info__().devices()
    else:
        devices = [xp.asarray(1.0).device]
    return next((device for device in devices if name in str(device)), name)
";

/// A Python function that conditions of the spec may call.
const SIGNBIT: &str = "\
def signbit(x):
    return copysign(1.0, x) < 0
";

/// The greatest number of elements of an array that a script names one by one.
const MOST_ELEMENTS: usize = 64;

impl Python {
    /// The script of a program. It asserts `demand`. `expected` is the text of the assertion.
    pub fn script(&self, program: &Program, demand: &Demand, expected: &str) -> String {
        let names = Names::of(program);
        let mut body = String::new();
        for (i, input) in program.inputs.iter().enumerate() {
            body.push_str(&format!("x{} = {}\n", i + 1, self.array(input)));
        }
        let raising = if let Demand::Exception(class) = demand { Some(class.as_deref().unwrap_or("Exception")) } else { None };
        let subject = raising.and(subject_of(program)).unwrap_or(u32::MAX) as usize;
        for (i, step) in program.steps.iter().enumerate().take_while(|(i, _)| program.inputs.len() + i <= subject) {
            let register = program.inputs.len() + i;
            let line = self.statement(step, &names, register);
            match raising.filter(|_| register == subject) {
                None => body.push_str(&format!("{line}\n")),
                Some(class) => {
                    let result = &names.0[register];
                    let message = quoted(&format!("{} did not raise", line.split_once(" = ").map_or(line.as_str(), |(_, call)| call)));
                    body.push_str(&format!(
                        "try:\n    {line}\n    print(repr({}))\nexcept {class}:\n    pass\nelse:\n    raise AssertionError({message})\n",
                        self.visible(result)
                    ));
                }
            }
        }
        if raising.is_none() {
            let shown: Vec<String> = names.printed(program).iter().map(|name| format!("repr({})", self.visible(name))).collect();
            if !shown.is_empty() {
                body.push_str(&format!("print({})\n", shown.join(", ")));
            }
        }
        if let Demand::Fact(fact) = demand {
            body.push_str(&self.assertion(fact, &names, expected));
        }
        let own = |body: String, (name, own): (&String, &String)| replaced(&body, &format!("xp.{name}"), &format!("xp.{own}"));
        self.headed(&self.names.iter().fold(body, own))
    }

    /// A script that looks up a name. With a condition on its parameters and a message, it asserts the condition.
    pub fn lookup(&self, path: &str, condition: Option<(&str, &str)>) -> String {
        let found = match path.split_once('.') {
            Some(("attribute" | "method", name)) => {
                format!("{}.{name}", self.expression(&Array::from_elements(DType::Float64, vec![], [Element::F64(1.0)])))
            }
            _ => self.name(path),
        };
        match condition {
            None => self.headed(&format!("print({found})\n")),
            Some((condition, message)) => self.headed(&format!(
                "parameters = inspect.signature({found}).parameters\nprint(inspect.signature({found}))\nassert {condition}, {}\n",
                quoted(message)
            )),
        }
    }

    /// A script with the imports and definitions that it needs in front.
    fn headed(&self, body: &str) -> String {
        let code: String = body.lines().map(|line| without_message(line).to_owned() + "\n").collect();
        let mut definitions = Vec::new();
        if let Some(shown) = self.shown.as_ref().filter(|_| uses(&code, "shown")) {
            definitions.push(SHOWN.replace("SHOWN", shown));
        }
        if uses(&code, "device") && code.contains("device(") {
            definitions.push(DEVICE.to_owned());
        }
        if uses(&code, "signbit") {
            definitions.push(SIGNBIT.to_owned());
        }
        let code = definitions.concat() + &code;
        let mut head = String::new();
        for module in ["inspect", "operator"] {
            if uses(&code, module) {
                head.push_str(&format!("import {module}\n"));
            }
        }
        if uses(&code, "np") {
            head.push_str("import numpy as np\n");
        }
        let math: Vec<&str> = ["copysign", "inf", "isnan", "nan"].into_iter().filter(|name| uses(&code, name)).collect();
        if !math.is_empty() {
            head.push_str(&format!("from math import {}\n", math.join(", ")));
        }
        if !head.is_empty() {
            head.push('\n');
        }
        // The library comes first, then the modules of extensions under the extensions' names.
        head.push_str(&format!("import {} as xp\n", self.module));
        for (name, module) in self.modules.iter().filter(|(name, _)| code.contains(&format!("{name}."))) {
            head.push_str(&format!("import {module} as {name}\n"));
        }
        let definitions: String = definitions.iter().map(|definition| format!("\n\n{definition}")).collect();
        let space = if definitions.is_empty() { "\n" } else { "\n\n" };
        head + &definitions + space + body
    }

    /// A name of the library as an expression.
    fn name(&self, path: &str) -> String {
        let of_module = path.split_once('.').is_some_and(|(first, _)| self.modules.contains_key(first));
        if of_module { path.to_owned() } else { format!("xp.{path}") }
    }

    /// An expression that makes an array.
    fn array(&self, array: &Array) -> String {
        if array.is_empty() {
            return format!("xp.zeros({}, dtype=xp.{})", tuple(&array.shape), array.dtype);
        }
        self.expression(array)
    }

    /// An expression that makes an array with elements.
    fn expression(&self, array: &Array) -> String {
        let (host, dtype) = (literal(array), format!("xp.{}", array.dtype));
        match &self.made {
            Some(made) => replaced(&replaced(made, "dtype", &dtype), "host", &host),
            None => format!("xp.asarray({host}, dtype={dtype})"),
        }
    }

    /// An expression that prints the elements of a value.
    fn visible(&self, expression: &str) -> String {
        if self.shown.is_some() { format!("shown({expression})") } else { expression.to_owned() }
    }

    /// A step as a statement.
    fn statement(&self, step: &Step, names: &Names, register: usize) -> String {
        let args: Vec<String> = step.args.iter().map(|arg| argument(arg, names)).collect();
        let index = |arg: &Arg| key(arg, |item| index_item(item, names));
        let name = &names.0[register];
        match (step.function.as_str(), args.as_slice()) {
            ("operator.getitem", [x, _]) => format!("{name} = {x}[{}]", index(&step.args[1])),
            ("operator.setitem", [x, _, value]) => format!("{x}[{}] = {value}", index(&step.args[1])),
            (path, [x, y]) if in_place(path).is_some() => format!("{x} {} {y}", in_place(path).unwrap_or_default()),
            (path, [x]) if let Some(form) = self.representation(path) => format!("{name} = {}", replaced(form, "x", x)),
            (path, _) if path.parse::<DType>().is_ok() || CONSTANTS.contains(&path) => format!("{name} = {}", self.name(path)),
            (path, args) => {
                let kwargs: Vec<(String, String)> = step.kwargs.iter().map(|(key, arg)| (key.clone(), argument(arg, names))).collect();
                format!("{name} = {}", typed(path, args, &kwargs, &|path| self.name(path)))
            }
        }
    }

    /// The expression that a step of this path evaluates, if it makes a form of an array.
    fn representation(&self, path: &str) -> Option<&str> {
        self.representations.get(path.strip_prefix(REPRESENTATION)?).map(String::as_str)
    }

    /// The lines that assert something of a value.
    fn assertion(&self, fact: &Fact, names: &Names, expected: &str) -> String {
        let of = names.place(&fact.of);
        let message = quoted(&format!("expected {}", short(expected)));
        let assert = |condition: String| format!("assert {condition}, {message}\n");
        match &fact.is {
            // The value may be no array, and have no dtype.
            Is::OfDtype(dtype) => assert(format!("getattr({of}, \"dtype\", None) == xp.{dtype}")),
            Is::OfSomeDtype(dtypes) => {
                let names: Vec<String> = dtypes.iter().map(|dtype| format!("xp.{dtype}")).collect();
                assert(format!("getattr({of}, \"dtype\", None) in [{}]", names.join(", ")))
            }
            Is::OfShape(shape) => assert(format!("tuple({}.shape) == {}", self.visible(&of), tuple(shape))),
            Is::Consistent => assert(format!("tuple({of}.shape) == tuple({}.shape)", self.visible(&of))),
            Is::Element(at, dtype, numbers) => {
                let conditions: Vec<String> = numbers.iter().map(|number| condition(number, "value")).collect();
                format!("value = {}\n{}", self.element(&of, at, *dtype), assert(either(&conditions)))
            }
            Is::Holds { at, condition, operands } => {
                let dtype = operands.first().map_or(DType::Float64, |(_, x)| dtype_of(*x));
                let (parameters, values): (Vec<&str>, Vec<String>) = operands.iter().map(|(name, x)| (name.as_str(), number(*x))).unzip();
                let lambda = format!("(lambda result, {}: {condition})", parameters.join(", "));
                format!("value = {}\n{}", self.element(&of, at, dtype), assert(format!("{lambda}(value, {})", values.join(", "))))
            }
            Is::ScalarLike(scalar) => assert(match scalar {
                Scalar::Bool(_) => format!("isinstance({of}, bool)"),
                Scalar::Int(_) => format!("isinstance({of}, int) and not isinstance({of}, bool)"),
                Scalar::Float(_) => format!("isinstance({of}, float)"),
                Scalar::Complex(_) => format!("isinstance({of}, complex)"),
            }),
            Is::Scalar(scalar) => assert(condition(&Number::of(scalar.element(), false), &of)),
            Is::Dtype(dtype) => assert(format!("{of} == xp.{dtype}")),
            Is::Str(text) => assert(format!("{of} == {text:?}")),
            Is::AnyStr => assert(format!("isinstance({of}, str)")),
            Is::None => assert(format!("{of} is None")),
            Is::Tuple => assert(format!("isinstance({of}, tuple)")),
            Is::Sequence(count) => assert(format!("isinstance({of}, (tuple, list)) and len({of}) == {count}")),
            Is::Named(fields) => {
                let names: Vec<String> = fields.iter().map(|name| format!("{name:?}")).collect();
                assert(format!("isinstance({of}, tuple) and all(hasattr({of}, name) for name in [{}])", names.join(", ")))
            }
            Is::Mapping => assert(format!("isinstance({of}, dict)")),
            Is::HasKey(key) => assert(format!("{key:?} in {of}")),
            Is::Device(wanted) => {
                let any: Vec<String> = wanted.iter().map(|name| format!("{name:?} in str({of})")).collect();
                assert(either(&any))
            }
            Is::SameAs(other) => assert(format!("{of} == {}", names.0[*other as usize])),
            Is::Unlike(value) => match self.like(value, &of) {
                conditions if conditions.is_empty() => String::new(),
                conditions => {
                    let all: String = conditions.iter().map(|condition| format!("    {condition},\n")).collect();
                    format!("wrong = [\n{all}]\nassert not all(wrong), {message}\n")
                }
            },
        }
    }

    /// An expression for an element of an array, as a Python number.
    fn element(&self, of: &str, at: &[usize], dtype: DType) -> String {
        let convert = match dtype {
            DType::Bool => "bool",
            d if d.is_complex() => "complex",
            d if d.is_floating() => "float",
            _ => "int",
        };
        let index =
            if at.is_empty() { String::new() } else { format!("[{}]", at.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) };
        format!("{convert}({}{index})", self.visible(of))
    }

    /// The conditions that hold of a wrong value.
    fn like(&self, value: &Value, of: &str) -> Vec<String> {
        match value {
            Value::Array(array) | Value::ArrayScalar { array, .. } => (0..array.len().min(MOST_ELEMENTS))
                .map(|i| {
                    let element = self.element(of, &index_of(i, &array.shape), array.dtype);
                    let number = Number::of(array.get(i), true);
                    match &number {
                        // Each component has its own conditions.
                        Number::Complex(re, im) => {
                            format!("{} and {}", real(re, &format!("{element}.real")), real(im, &format!("{element}.imag")))
                        }
                        number => condition(number, &element),
                    }
                })
                .collect(),
            Value::Tuple(items) | Value::List(items) => {
                items.iter().enumerate().flat_map(|(i, item)| self.like(item, &format!("{of}[{i}]"))).collect()
            }
            Value::NamedTuple(fields) => fields.iter().flat_map(|(name, item)| self.like(item, &format!("{of}.{name}"))).collect(),
            Value::Dict(fields) => fields.iter().flat_map(|(key, item)| self.like(item, &format!("{of}[{key:?}]"))).collect(),
            Value::Scalar(scalar) => vec![condition(&Number::of(scalar.element(), true), of)],
            Value::Str(text) => vec![format!("{of} == {text:?}")],
            Value::None => vec![format!("{of} is None")],
            Value::Dtype(_) | Value::Device(_) | Value::Opaque(_) | Value::Unfit(_) => Vec::new(),
        }
    }
}

/// The names of the registers of a program.
struct Names(Vec<String>);

impl Names {
    fn of(program: &Program) -> Names {
        let mut names: Vec<String> = (1..=program.inputs.len()).map(|i| format!("x{i}")).collect();
        let subject = subject_of(program);
        for (i, step) in program.steps.iter().enumerate() {
            let register = (program.inputs.len() + i) as u32;
            names.push(match (step.args.first(), in_place(&step.function)) {
                // An in-place operator keeps the name of the array that it changes.
                (Some(Arg::Array(Register(changed))), Some(_)) => names[*changed as usize].clone(),
                _ if step.function == "operator.setitem" => "None".to_owned(),
                _ if Some(register) == subject => "result".to_owned(),
                _ => format!("y{}", i + 1),
            });
        }
        Names(names)
    }

    /// The names whose values are printed: the results of the call under test.
    fn printed(&self, program: &Program) -> Vec<String> {
        let mut printed: Vec<String> = Vec::new();
        let steps = |register: &&u32| program.step_of(**register).is_some_and(|step| step.role == Role::Subject);
        let returned: Vec<&u32> = program.returns.iter().filter(steps).collect();
        // If the call returns nothing, the array that it wrote to is printed.
        let shown = if returned.is_empty() { program.returns.iter().take(1).collect() } else { returned };
        for register in shown {
            let name = &self.0[*register as usize];
            if !printed.contains(name) && name != "None" {
                printed.push(name.clone());
            }
        }
        printed
    }

    /// An expression for a value of the program.
    fn place(&self, place: &Where) -> String {
        let register = self.0[place.register as usize].clone();
        place.parts.iter().fold(register, |of, part| match part {
            Part::Item(i) => format!("{of}[{i}]"),
            Part::Field(name) => format!("{of}.{name}"),
            Part::Key(key) => format!("{of}[{key:?}]"),
        })
    }
}

/// The register of the call under test. Steps that prepare it come before, and steps that observe its result come after. A call that
/// returns nothing is the last step.
fn subject_of(program: &Program) -> Option<u32> {
    let is_subject = |register: &u32| program.step_of(*register).is_some_and(|step| step.role == Role::Subject);
    let last = || program.registers().checked_sub(1).map(|last| last as u32);
    program.returns.iter().copied().find(is_subject).or_else(last)
}

/// An argument of a step as an expression.
fn argument(arg: &Arg, names: &Names) -> String {
    match arg {
        Arg::Array(Register(register)) => names.0[*register as usize].clone(),
        Arg::Scalar(scalar) => number(scalar.element()),
        Arg::Str(text) => format!("{text:?}"),
        Arg::Dtype(dtype) => format!("xp.{dtype}"),
        Arg::Device(name) => format!("device({name:?})"),
        Arg::Slice(s) => {
            let part = |v: Option<i64>| v.map_or("None".to_owned(), |v| v.to_string());
            format!("slice({}, {}, {})", part(s.start), part(s.stop), part(s.step))
        }
        Arg::None => "None".to_owned(),
        Arg::Ellipsis => "...".to_owned(),
        Arg::Tuple(_) | Arg::List(_) => sequence(arg, |item| argument(item, names)),
        Arg::Fields(none, _) => match *none {},
    }
}

/// An item of an index.
fn index_item(arg: &Arg, names: &Names) -> String {
    if let Arg::Slice(s) = arg { slice(s) } else { argument(arg, names) }
}

/// The elements of an array as nested lists. NaN keeps its sign. A long vector that repeats a pattern is written as the repeated pattern,
/// with the elements that do not fit it by their place.
fn literal(array: &Array) -> String {
    if let Some(repeated) = Repeated::of(array) {
        let repetition = repeated.repetition(&literal(&repeated.pattern));
        let others: Vec<String> = repeated.others.iter().map(|(at, other)| format!("{at}: {}", number(*other))).collect();
        return match others.is_empty() {
            true => repetition,
            false => format!("[{{{}}}.get(i, v) for i, v in enumerate({repetition})]", others.join(", ")),
        };
    }
    fn nest(array: &Array, axis: usize, offset: usize) -> String {
        if axis == array.shape.len() {
            return number(array.get(offset));
        }
        let stride: usize = array.shape[axis + 1..].iter().product();
        let items: Vec<String> = (0..array.shape[axis]).map(|i| nest(array, axis + 1, offset + i * stride)).collect();
        format!("[{}]", items.join(", "))
    }
    nest(array, 0, 0)
}

/// A number in Python.
fn number(element: Element) -> String {
    let negative = |v: f64| v.is_nan() && v.is_sign_negative();
    let component = |v: f64, single: bool| match negative(v) {
        true => "-nan".to_owned(),
        false if single => Element::F32(v as f32).to_string(),
        false => Element::F64(v).to_string(),
    };
    match element {
        Element::F32(v) => component(v.into(), true),
        Element::F64(v) => component(v, false),
        Element::C64(re, im) => format!("complex({}, {})", component(re.into(), true), component(im.into(), true)),
        Element::C128(re, im) => format!("complex({}, {})", component(re, false), component(im, false)),
        other => other.to_string(),
    }
}

/// The dtype of an element. The width of an integer is not known.
fn dtype_of(element: Element) -> DType {
    match element {
        Element::Bool(_) => DType::Bool,
        Element::Int(_) => DType::Int64,
        Element::F32(_) => DType::Float32,
        Element::F64(_) => DType::Float64,
        Element::C64(..) => DType::Complex64,
        Element::C128(..) => DType::Complex128,
    }
}

/// The condition that the expression `of` is this number.
fn condition(number: &Number, of: &str) -> String {
    match number {
        Number::Bool(v) => format!("{of} is {}", Element::Bool(*v)),
        Number::Int(v) => format!("{of} == {v}"),
        Number::Real(component) => real(component, of),
        Number::Complex(re, im) => {
            let parts = [(re, "real"), (im, "imag")].into_iter().filter(|(component, _)| **component != Real::Any);
            let parts: Vec<String> = parts.map(|(component, part)| real(component, &format!("{of}.{part}"))).collect();
            if parts.is_empty() { "True".to_owned() } else { parts.join(" and ") }
        }
        Number::Near { re, im, bound } => format!("abs({of} - {}) <= {bound:?}", self::number(Element::C128(*re, *im))),
    }
}

/// The condition that the expression `of` is this real number.
fn real(component: &Real, of: &str) -> String {
    let sign = |negative: bool| if negative { "-1.0" } else { "1.0" };
    let float = |v: f64| self::number(Element::F64(v));
    match *component {
        Real::Any => "True".to_owned(),
        Real::Nan => format!("isnan({of})"),
        Real::NanWithSign(negative) => format!("isnan({of}) and copysign(1.0, {of}) == {}", sign(negative)),
        Real::Zero(None) => format!("{of} == 0.0"),
        Real::Zero(Some(negative)) => format!("{of} == 0.0 and copysign(1.0, {of}) == {}", sign(negative)),
        Real::Is(v) => format!("{of} == {}", float(v)),
        Real::Magnitude(v) => format!("abs({of}) == {}", float(v)),
        Real::Within(low, high) => format!("{} <= {of} <= {}", float(low), float(high)),
    }
}

/// The condition that one of several holds.
fn either(conditions: &[String]) -> String {
    match conditions {
        [one] => one.clone(),
        several => several.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join(" or "),
    }
}

/// A string literal of Python.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The expected value in a message, cut off if it is long.
fn short(text: &str) -> String {
    const MOST: usize = 160;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST).chain(" ...".chars()).collect() }
}

/// A line without the message of its assertion.
fn without_message(line: &str) -> &str {
    match (line.trim_start().starts_with("assert "), line.rfind(", \"")) {
        (true, Some(at)) => &line[..at],
        _ if line.trim_start().starts_with("raise ") => "",
        _ => line,
    }
}

/// Whether code uses a name, not only as a part of another name or as an attribute.
fn uses(code: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (code[..at].chars().next_back(), code[at + name.len()..].chars().next());
        !before.is_some_and(|c| word(c) || matches!(c, '.' | '"')) && !after.is_some_and(word)
    })
}

/// An expression with a name replaced.
fn replaced(expression: &str, name: &str, with: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = expression;
    while let Some(at) = rest.find(name) {
        let (before, after) = (rest[..at].chars().next_back(), rest[at + name.len()..].chars().next());
        let keyword = after == Some('=') && !rest[at + name.len()..].starts_with("==");
        let whole = !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word) && !keyword;
        out.push_str(&rest[..at]);
        out.push_str(if whole { with } else { name });
        rest = &rest[at + name.len()..];
    }
    out + rest
}

//! Calls in one line, as a user would type them.

use array_assay_interface::{Array, ParameterKind, Slice, Tree};
use array_assay_oracle::call::Given;
use array_assay_spec::{Function, Operator, OperatorForm};

use super::Repeated;
use crate::generate::{ArgForm, Call, Layout, Sharing, tuple};

/// The operators of Python with two operands, by the functions of its module `operator`.
const INFIX: [(&str, &str); 19] = [
    ("add", "+"),
    ("sub", "-"),
    ("mul", "*"),
    ("truediv", "/"),
    ("floordiv", "//"),
    ("mod", "%"),
    ("pow", "**"),
    ("matmul", "@"),
    ("and_", "&"),
    ("or_", "|"),
    ("xor", "^"),
    ("lshift", "<<"),
    ("rshift", ">>"),
    ("eq", "=="),
    ("ne", "!="),
    ("lt", "<"),
    ("le", "<="),
    ("gt", ">"),
    ("ge", ">="),
];

/// The operators of Python with one operand.
const PREFIX: [(&str, &str); 3] = [("neg", "-"), ("pos", "+"), ("invert", "~")];

/// The in-place operator of a function of the module `operator`, such as `**=`.
pub(super) fn in_place(path: &str) -> Option<String> {
    let name = path.strip_prefix("operator.i")?;
    let symbol = INFIX.iter().find(|(other, symbol)| other.trim_end_matches('_') == name && !symbol.contains(['=', '<', '>']))?.1;
    Some(format!("{symbol}="))
}

/// A call of a path, as a user would type it. The arguments are texts already. `namespace` makes the text for a name of the library.
pub(super) fn typed(path: &str, args: &[String], kwargs: &[(String, String)], namespace: &dyn Fn(&str) -> String) -> String {
    let call = |called: &str, args: &[String]| {
        let kwargs = kwargs.iter().map(|(name, value)| format!("{name}={value}"));
        format!("{called}({})", args.iter().cloned().chain(kwargs).collect::<Vec<_>>().join(", "))
    };
    let left = |x: &String| if x.starts_with('-') { format!("({x})") } else { x.clone() };
    match (path.split_once('.'), args) {
        (Some(("operator", name)), [x, y]) if kwargs.is_empty() => {
            let symbol = |table: &[(&str, &'static str)]| table.iter().find(|(other, _)| *other == name).map(|(_, symbol)| *symbol);
            match symbol(&INFIX) {
                Some(symbol) => format!("{} {symbol} {y}", left(x)),
                None => match in_place(path) {
                    Some(symbol) => format!("{x} {symbol} {y}"),
                    None => call(path, args),
                },
            }
        }
        (Some(("operator", name)), [x]) => match PREFIX.iter().find(|(other, _)| *other == name) {
            Some((_, symbol)) => format!("{symbol}{}", left(x)),
            None if name == "abs" => call("abs", args),
            None => call(path, args),
        },
        (Some(("attribute", name)), [x, ..]) => format!("{x}.{name}"),
        // The array comes first, also in a reflected operator.
        (Some(("method", name)), [x, rest @ ..]) => call(&format!("{x}.{name}"), rest),
        (Some(("builtins", name)), _) => call(name, args),
        (Some(("operator", _)), _) => call(path, args),
        _ => call(&namespace(path), args),
    }
}

/// A key, such as `1:, ...` for `x[1:, ...]`; `item` writes a part of it.
pub(super) fn key<L>(key: &Tree<L>, item: impl Fn(&Tree<L>) -> String) -> String {
    let parts: Vec<String> = key.parts().iter().map(item).collect();
    match (key, parts.as_slice()) {
        (Tree::Tuple(_), []) => "()".to_owned(),
        (Tree::Tuple(_), [one]) => format!("{one},"),
        (_, parts) => parts.join(", "),
    }
}

/// A tuple or list in Python notation; `item` writes an item.
pub(super) fn sequence<L>(sequence: &Tree<L>, item: impl Fn(&Tree<L>) -> String) -> String {
    let items: Vec<String> = sequence.items().unwrap_or_default().iter().map(item).collect();
    match (sequence, items.as_slice()) {
        (Tree::List(_), items) => format!("[{}]", items.join(", ")),
        (_, [one]) => format!("({one},)"),
        (_, items) => format!("({})", items.join(", ")),
    }
}

/// A slice as it stands in an index.
pub(super) fn slice(slice: &Slice) -> String {
    let part = |v: Option<i64>| v.map_or(String::new(), |v| v.to_string());
    let step = slice.step.map_or(String::new(), |v| format!(":{v}"));
    format!("{}:{}{step}", part(slice.start), part(slice.stop))
}

/// An array with its dtype, such as `float32([1.0, nan])`.
fn array_text(array: &Array) -> String {
    if let Some(repeated) = Repeated::of(array) {
        let others: String = repeated.others.iter().map(|(at, other)| format!(" with {other} at {at}")).collect();
        return repeated.repetition(&array_text(&repeated.pattern)) + &others;
    }
    match array.is_empty() {
        true => format!("{}(shape {})", array.dtype, tuple(&array.shape)),
        false => format!("{}({})", array.dtype, array.literal()),
    }
}

/// The call in one line, such as `sum(float32([1.0, nan]), axis=0)` or `float32([1.0]) ** 2`. The layouts of operands of element-wise
/// functions are named.
pub fn call(function: &Function, call: &Call<'_>) -> String {
    let (mut args, mut kwargs) = (Vec::new(), Vec::new());
    if let Some(owner) = function.owner() {
        args.push(format!("{owner}()"));
    }
    let is_variadic = |name: &str| function.signature.parameters.iter().any(|p| p.name == name && p.kind == ParameterKind::VarPositional);
    let mut layouts = call.layouts.iter().copied().filter(|_| function.is_elementwise());
    for ((name, given), form) in call.arguments.iter().zip(&call.forms) {
        let layout = given.leaf().and_then(|_| layouts.next()).filter(|layout| *layout != Layout::Contiguous);
        let text = || layout.map_or_else(|| shown(given), |layout| format!("{layout} {}", shown(given)));
        match (form, given.items()) {
            (_, Some(items)) if is_variadic(name) => args.extend(items.iter().map(shown)),
            (ArgForm::Keyword, _) => kwargs.push(((*name).to_owned(), text())),
            (ArgForm::Positional, _) => args.push(text()),
        }
    }
    let mut path = function.path();
    if let Some(Operator { form: OperatorForm::Reflected, python, .. }) = &function.operator {
        // Python calls a reflected operator if the left operand is a scalar. Between arrays, its method is called.
        match python {
            Some(python) if call.scalars().next().is_some() => path.clone_from(python),
            _ => args.reverse(),
        }
    }
    let given = |i: usize| call.arguments.get(i).map(|(_, given)| given);
    match (path.as_str(), args.as_slice()) {
        ("operator.getitem", [x, ..]) => format!("{x}[{}]", index(given(1))),
        ("operator.setitem", [x, .., value]) => format!("{x}[{}] = {value}", index(given(1))),
        // A constant or a dtype is not called.
        (path, [])
            if kwargs.is_empty() && (function.category == "constants" || function.result.attributes.is_empty() && is_name(function)) =>
        {
            path.to_owned()
        }
        (path, args) => typed(path, args, &kwargs, &str::to_owned),
    }
}

/// Whether a name of the namespace is a dtype or the version, and not a function.
fn is_name(function: &Function) -> bool {
    function.name.parse::<array_assay_interface::DType>().is_ok() || function.name == "__array_api_version__"
}

/// A key as it stands in an index.
fn index(given: Option<&Given>) -> String {
    let item = |given: &Given| if let Given::Slice(s) = given { slice(s) } else { shown(given) };
    given.map_or_else(String::new, |given| key(given, item))
}

/// An argument as a user would type it.
fn shown(given: &Given) -> String {
    match given {
        Given::Array(array) => array_text(array),
        Given::Scalar(scalar) => scalar.to_string(),
        Given::Str(text) => format!("{text:?}"),
        Given::Dtype(dtype) => dtype.to_string(),
        Given::Device(name) => format!("{name:?}"),
        Given::Slice(s) => slice(s),
        Given::None => "None".to_owned(),
        Given::Ellipsis => "...".to_owned(),
        Given::Tuple(_) | Given::List(_) => sequence(given, shown),
        Given::Fields(none, _) => match *none {},
    }
}

/// A note on a call: the layouts of arrays that are not contiguous, whether arrays share memory, and whether the sign bit of a NaN is set. `None` if there is nothing to
/// note.
pub fn note(call: &Call<'_>) -> Option<String> {
    let layouts = call.layouts.iter().filter(|layout| **layout != Layout::Contiguous).map(ToString::to_string);
    let sharing = match call.shared() {
        Sharing::Apart => None,
        Sharing::OneObject => Some("identical".to_owned()),
        Sharing::Overlapping => Some("overlapping".to_owned()),
    };
    let layouts: Vec<String> = layouts.chain(sharing).collect();
    let negative = |v: f64| v.is_nan() && v.is_sign_negative();
    let elements = call.arrays().into_iter().filter(|array| array.dtype.is_floating()).flat_map(|array| array.elements());
    let negative_nan = elements.chain(call.scalars().map(|scalar| scalar.element())).any(|x| {
        let (re, im) = x.components();
        negative(re) || negative(im)
    });
    let lie = (!layouts.is_empty()).then(|| format!("only seen with {} operands", layouts.join(" and ")));
    let signs = negative_nan.then(|| "the sign bit of a NaN is set".to_owned());
    let said: Vec<String> = lie.into_iter().chain(signs).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use array_assay_interface::{DType, Element};

    use super::*;

    #[test]
    fn a_note_says_which_arrays_share_memory() {
        let x = || Array::from_elements(DType::Int8, vec![1], [Element::Int(3)]);
        let other = Array::from_elements(DType::Int8, vec![1], [Element::Int(4)]);
        let call = |second: Array| {
            let arguments = vec![("x1", Given::Array(x())), ("x2", Given::Array(second))];
            Call { sharing: Sharing::OneObject, ..Call::positional(arguments) }
        };
        assert_eq!(note(&call(x())).as_deref(), Some("only seen with identical operands"));
        assert_eq!(note(&call(other)), None, "they are two objects");
    }
}

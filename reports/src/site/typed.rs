//! How one types what a function of the standard is: `x1 + x2`, `2 ** x`, `x.T`, `complex(x)`, `linalg.svd(x, /)`.

/// Python's operators with two operands, by the name between the underscores.
const BINARY: [(&str, &str); 19] = [
    ("add", "+"),
    ("sub", "-"),
    ("mul", "*"),
    ("truediv", "/"),
    ("floordiv", "//"),
    ("mod", "%"),
    ("pow", "**"),
    ("matmul", "@"),
    ("and", "&"),
    ("or", "|"),
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

/// An operator, an attribute or a method as one types it. `None` for a function of a namespace. `spelled` is the path in the records, such as
/// `operator.add` or `attribute.T`; `signature` is that of the standard.
pub fn typed(name: &str, spelled: &str, signature: Option<&str>) -> Option<String> {
    let (kind, _) = spelled.split_once('.')?;
    match kind {
        "attribute" => Some(format!("x.{name}")),
        "operator" | "builtins" | "method" => Some(special(name).unwrap_or_else(|| method(name, signature))),
        _ => None,
    }
}

/// What a special method stands for. `None` if it is called by its name.
fn special(name: &str) -> Option<String> {
    let inner = name.strip_prefix("__")?.strip_suffix("__")?;
    let symbol = |name: &str| BINARY.iter().find(|(other, _)| *other == name).map(|(_, symbol)| *symbol);
    let expression = match inner {
        "neg" => "-x".to_owned(),
        "pos" => "+x".to_owned(),
        "invert" => "~x".to_owned(),
        "abs" | "bool" | "int" | "float" | "complex" | "iter" | "len" => format!("{inner}(x)"),
        "index" => "operator.index(x)".to_owned(),
        "getitem" => "x[key]".to_owned(),
        "setitem" => "x[key] = value".to_owned(),
        _ => match symbol(inner) {
            Some(symbol) => format!("x1 {symbol} x2"),
            None => {
                // `__radd__` and `__iadd__`; `__rshift__` is an operator itself.
                let (first, rest) = inner.split_at_checked(1)?;
                match first {
                    "r" => format!("2 {} x", symbol(rest)?),
                    "i" => format!("x1 {}= x2", symbol(rest)?),
                    _ => return None,
                }
            }
        },
    };
    Some(expression)
}

/// A method with its parameters, without the array itself.
fn method(name: &str, signature: Option<&str>) -> String {
    let parameters = signature.and_then(|signature| signature.split_once('(')).map_or("", |(_, rest)| rest.trim_end_matches(')'));
    let own = ["self, /, ", "self, /", "self, ", "self"].iter().find_map(|own| parameters.strip_prefix(own));
    format!("x.{name}({})", own.unwrap_or(parameters))
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn an_operator_is_shown_as_one_types_it() {
        for (name, spelled, signature, shown) in [
            ("__add__", "operator.add", "__add__(x1, x2, /)", "x1 + x2"),
            ("__rshift__", "operator.rshift", "__rshift__(x1, x2, /)", "x1 >> x2"),
            ("__rrshift__", "method.__rrshift__", "__rrshift__(x1, x2, /)", "2 >> x"),
            ("__rpow__", "method.__rpow__", "__rpow__(x1, x2, /)", "2 ** x"),
            ("__invert__", "operator.invert", "__invert__(x, /)", "~x"),
            ("__iand__", "operator.iand", "__iand__(x1, x2, /)", "x1 &= x2"),
            ("__complex__", "builtins.complex", "__complex__(self, /)", "complex(x)"),
            ("T", "attribute.T", "T(self, /)", "x.T"),
            ("to_device", "method.to_device", "to_device(self, device, /, *, stream=None)", "x.to_device(device, /, *, stream=None)"),
            ("__dlpack_device__", "method.__dlpack_device__", "__dlpack_device__(self, /)", "x.__dlpack_device__()"),
        ] {
            assert_eq!(typed(name, spelled, Some(signature)).as_deref(), Some(shown), "{name}");
        }
        assert_eq!(typed("svd", "linalg.svd", None), None);
        assert_eq!(typed("add", "add", None), None);
    }
}

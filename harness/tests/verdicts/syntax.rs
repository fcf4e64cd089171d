//! What tables are written in: calls as a user types them, and values as the library's results are shown.

use array_assay_harness::generate::{Layout, RepeatedAxis, Reverse, Transpose};
use array_assay_interface::{Array, DType, Element, Scalar, Slice, Unfit, Value};
use array_assay_oracle::call::Given;

/// A value as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Array(Array, Layout),
    Unfit(Unfit),
    ArrayScalar(String, Array),
    Scalar(Scalar),
    Dtype(DType),
    Str(String),
    None,
    Ellipsis,
    Slice(Slice),
    Tuple(Vec<Item>),
    List(Vec<Item>),
    Named(Vec<(String, Item)>),
    Dict(Vec<(String, Item)>),
    Opaque(String),
}

/// A call as it is written: what is called, and the arguments, those by keyword with their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub path: Path,
    pub arguments: Vec<(Option<String>, Item)>,
}

/// What is called.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// By its path, such as `linalg.svd` or `attribute.shape`.
    Of(String),
    /// An operator, which Python writes by a symbol: the whole call tells which.
    Operator,
}

/// Reads a call.
pub fn call(text: &str) -> Written {
    let mut reader = Reader { text, at: 0 };
    let written = reader.call();
    assert!(reader.rest().is_empty(), "`{text}`: unexpected `{}`", reader.rest());
    written
}

/// Reads values with commas between them.
pub fn values(text: &str) -> Vec<Item> {
    let mut reader = Reader { text, at: 0 };
    let mut items = vec![reader.item()];
    while reader.takes(",") {
        items.push(reader.item());
    }
    assert!(reader.rest().is_empty(), "`{text}`: unexpected `{}`", reader.rest());
    items
}

impl Item {
    /// The argument that it is.
    pub fn given(&self) -> Given {
        let all = |items: &[Item]| items.iter().map(Item::given).collect();
        match self {
            Item::Array(array, _) => Given::Array(array.clone()),
            Item::Scalar(scalar) => Given::Scalar(*scalar),
            Item::Dtype(dtype) => Given::Dtype(*dtype),
            Item::Str(text) => Given::Str(text.clone()),
            Item::None => Given::None,
            Item::Ellipsis => Given::Ellipsis,
            Item::Slice(slice) => Given::Slice(*slice),
            Item::Tuple(items) => Given::Tuple(all(items)),
            Item::List(items) => Given::List(all(items)),
            other => panic!("{other:?} is no argument"),
        }
    }

    /// How the arrays in it lie.
    pub fn layouts(&self) -> Vec<Layout> {
        match self {
            Item::Array(_, layout) => vec![*layout],
            Item::Tuple(items) | Item::List(items) => items.iter().flat_map(Item::layouts).collect(),
            _ => Vec::new(),
        }
    }

    /// The result that it is.
    pub fn value(&self) -> Value {
        let all = |items: &[Item]| items.iter().map(Item::value).collect();
        let fields = |fields: &[(String, Item)]| fields.iter().map(|(name, item)| (name.clone(), item.value())).collect();
        match self {
            Item::Array(array, _) => Value::Array(array.clone()),
            Item::Unfit(unfit) => Value::Unfit(unfit.clone()),
            Item::ArrayScalar(type_name, array) => Value::ArrayScalar { type_name: type_name.clone(), array: array.clone() },
            Item::Scalar(scalar) => Value::Scalar(*scalar),
            Item::Dtype(dtype) => Value::Dtype(vec![dtype.name().to_owned()]),
            Item::Str(text) => Value::Str(text.clone()),
            Item::None => Value::None,
            Item::Tuple(items) => Value::Tuple(all(items)),
            Item::List(items) => Value::List(all(items)),
            Item::Named(items) => Value::NamedTuple(fields(items)),
            Item::Dict(items) => Value::Dict(fields(items)),
            Item::Opaque(text) => Value::Opaque(text.clone()),
            other => panic!("{other:?} is no result"),
        }
    }
}

/// Symbols that stand between two operands, the longest first.
const INFIX: [&str; 30] = [
    "**=", "//=", "<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "**", "//", "<<", ">>", "==", "!=", "<=", ">=", "+",
    "-", "*", "/", "%", "@", "&", "|", "^",
];

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text[self.at..].trim_start()
    }

    /// Goes past `expected`, if it comes next.
    fn takes(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at = self.text.len() - self.rest().len() + expected.len();
        }
        found
    }

    fn expect(&mut self, expected: &str) {
        assert!(self.takes(expected), "`{}`: expected `{expected}` before `{}`", self.text, self.rest());
    }

    /// The name that comes next, dots included; empty where none does.
    fn peek_name(&self) -> &'t str {
        let rest = self.rest();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let starts = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts { &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())] } else { "" }
    }

    fn call(&mut self) -> Written {
        let named = |path: &str, arguments| Written { path: Path::Of(path.to_owned()), arguments };
        let name = self.peek_name();
        let is_value =
            name.parse::<DType>().is_ok() || layout(name).is_some() || ["nan", "inf", "complex", "True", "False"].contains(&name);
        if !name.is_empty() && !is_value {
            self.expect(name);
            return if self.takes("(") { named(name, self.arguments()) } else { named(name, Vec::new()) };
        }
        for symbol in ["-", "+", "~"] {
            let number = self.rest()[1..].starts_with(|c: char| c.is_ascii_digit());
            if !number && self.takes(symbol) {
                return Written { path: Path::Operator, arguments: vec![(None, self.item())] };
            }
        }
        let first = (None, self.item());
        if self.takes("[") {
            let key = self.key();
            return if self.takes("=") {
                named("operator.setitem", vec![first, (None, key), (None, self.item())])
            } else {
                named("operator.getitem", vec![first, (None, key)])
            };
        }
        if self.takes(".") {
            let name = self.peek_name();
            self.expect(name);
            if self.takes("(") {
                return named(&format!("method.{name}"), std::iter::once(first).chain(self.arguments()).collect());
            }
            return named(&format!("attribute.{name}"), vec![first]);
        }
        let symbol = INFIX.iter().chain(&["<", ">"]).find(|symbol| self.rest().starts_with(**symbol));
        let symbol = symbol.unwrap_or_else(|| panic!("`{}`: expected an operator before `{}`", self.text, self.rest()));
        self.expect(symbol);
        Written { path: Path::Operator, arguments: vec![first, (None, self.item())] }
    }

    /// Arguments up to the closing parenthesis.
    fn arguments(&mut self) -> Vec<(Option<String>, Item)> {
        let mut out = Vec::new();
        while !self.takes(")") {
            let name = self.peek_name();
            let keyword = !name.is_empty() && self.rest()[name.len()..].starts_with('=');
            if keyword {
                self.expect(name);
                self.expect("=");
            }
            out.push((keyword.then(|| name.to_owned()), self.item()));
            if !self.takes(",") {
                self.expect(")");
                break;
            }
        }
        out
    }

    /// An index up to the closing bracket.
    fn key(&mut self) -> Item {
        let mut items = Vec::new();
        let mut several = false;
        while !self.takes("]") {
            items.push(if self.takes("()") { Item::Tuple(Vec::new()) } else { self.index() });
            if !self.takes(",") {
                self.expect("]");
                break;
            }
            several = true;
        }
        if several { Item::Tuple(items) } else { items.pop().expect("an index") }
    }

    fn index(&mut self) -> Item {
        let mut parts: [Option<i64>; 3] = [None; 3];
        let mut colons = 0;
        while !self.rest().starts_with([',', ']']) {
            if self.takes(":") {
                colons += 1;
                continue;
            }
            match self.item() {
                Item::Scalar(Scalar::Int(v)) => parts[colons] = Some(v as i64),
                other => return other,
            }
        }
        match colons {
            0 => Item::Scalar(Scalar::Int(parts[0].expect("an index").into())),
            _ => Item::Slice(Slice { start: parts[0], stop: parts[1], step: parts[2] }),
        }
    }

    fn item(&mut self) -> Item {
        let rest = self.rest();
        if self.takes("...") {
            return Item::Ellipsis;
        }
        if self.takes("(") {
            let arguments = self.arguments();
            return match arguments.first() {
                Some((Some(_), _)) => {
                    Item::Named(arguments.into_iter().map(|(name, item)| (name.expect("a field has a name"), item)).collect())
                }
                _ => Item::Tuple(arguments.into_iter().map(|(_, item)| item).collect()),
            };
        }
        if self.takes("[") {
            let mut items = Vec::new();
            while !self.takes("]") {
                items.push(self.item());
                if !self.takes(",") {
                    self.expect("]");
                    break;
                }
            }
            return Item::List(items);
        }
        if self.takes("{") {
            let mut fields = Vec::new();
            while !self.takes("}") {
                let Item::Str(key) = self.item() else { panic!("`{}`: expected a string as key", self.text) };
                self.expect(":");
                fields.push((key, self.item()));
                if !self.takes(",") {
                    self.expect("}");
                    break;
                }
            }
            return Item::Dict(fields);
        }
        if let Some(inside) = rest.strip_prefix('"') {
            let text = inside.split('"').next().unwrap_or_default().to_owned();
            self.expect(&format!("\"{text}\""));
            return Item::Str(text);
        }
        if rest.starts_with('<') {
            let text = format!("{}>", rest.split('>').next().unwrap_or_default());
            self.expect(&text);
            return Item::Opaque(text);
        }
        let name = self.peek_name();
        if let Some(layout) = layout(name) {
            self.expect(name);
            let Item::Array(array, _) = self.item() else { panic!("`{}`: expected an array after `{name}`", self.text) };
            return Item::Array(array, layout);
        }
        if name == "None" {
            self.expect(name);
            return Item::None;
        }
        let of_type = name.rsplit('.').next().unwrap_or_default();
        if let Ok(dtype) = of_type.parse::<DType>() {
            self.expect(name);
            if !self.takes("(") {
                return Item::Dtype(dtype);
            }
            let array = self.array(dtype);
            self.expect(")");
            if name == of_type {
                return array;
            }
            let Item::Array(array, _) = array else { panic!("`{}`: {dtype} cannot hold it", self.text) };
            let mut type_name = name.to_owned();
            if let Some(inside) = self.rest().strip_prefix("(a Python ") {
                type_name = format!("{name} (a Python {})", inside.split(')').next().unwrap_or_default());
                self.expect(&type_name[name.len() + 1..]);
            }
            return Item::ArrayScalar(type_name, array);
        }
        Item::Scalar(self.number())
    }

    /// The contents of an array.
    fn array(&mut self, dtype: DType) -> Item {
        if self.takes("shape") {
            let Item::Tuple(sizes) = self.item() else { panic!("`{}`: expected a shape", self.text) };
            let size = |item: Item| if let Item::Scalar(Scalar::Int(n)) = item { n as usize } else { panic!("{item:?} is no size") };
            return Item::Array(Array::from_elements(dtype, sizes.into_iter().map(size).collect(), []), Layout::Contiguous);
        }
        let (mut shape, mut scalars) = (Vec::new(), Vec::new());
        self.nested(0, &mut shape, &mut scalars);
        let beyond = |scalar: &Scalar| match (scalar, dtype.integer_range()) {
            (Scalar::Int(v), Some((low, high))) => !(low..=high).contains(v),
            _ => false,
        };
        if let Some(at) = scalars.iter().position(beyond) {
            return Item::Unfit(Unfit { dtype, shape, at, element: scalars[at].to_string() });
        }
        // A number of single precision is read as one: its sign counts, of NaN too.
        let element = |scalar: Scalar| match (scalar, dtype) {
            (Scalar::Float(v), DType::Float32) => Element::F32(if v.is_nan() { f32::NAN.copysign(v as f32) } else { v as f32 }),
            (scalar, dtype) => scalar.element().cast(dtype),
        };
        Item::Array(Array::from_elements(dtype, shape, scalars.into_iter().map(element)), Layout::Contiguous)
    }

    fn nested(&mut self, axis: usize, shape: &mut Vec<usize>, out: &mut Vec<Scalar>) {
        if !self.takes("[") {
            return out.push(self.number());
        }
        let first = shape.len() == axis;
        if first {
            shape.push(0);
        }
        let mut count = 0;
        loop {
            self.nested(axis + 1, shape, out);
            count += 1;
            if !self.takes(",") {
                break;
            }
        }
        self.expect("]");
        if first {
            shape[axis] = count;
        }
        assert_eq!(shape[axis], count, "`{}`: lists of different lengths", self.text);
    }

    fn number(&mut self) -> Scalar {
        if self.takes("complex(") {
            let re = self.number().element().components().0;
            self.expect(",");
            let im = self.number().element().components().0;
            self.expect(")");
            return Scalar::Complex((re, im));
        }
        let rest = self.rest();
        let word = &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len())];
        self.expect(word);
        match word {
            "True" | "False" => Scalar::Bool(word == "True"),
            "nan" => Scalar::Float(f64::NAN),
            "-nan" => Scalar::Float(-f64::NAN),
            _ => match word.parse() {
                Ok(v) => Scalar::Int(v),
                Err(_) => Scalar::Float(word.parse().unwrap_or_else(|_| panic!("`{}`: `{word}` is no number", self.text))),
            },
        }
    }
}

fn layout(word: &str) -> Option<Layout> {
    Some(match word {
        "transposed" => Layout::Transposed(Transpose::PermuteDims),
        "reversed" => Layout::Reversed(Reverse::Slices),
        "strided" => Layout::Strided,
        "broadcast" => Layout::Broadcast(RepeatedAxis::First),
        _ => return None,
    })
}

//! Values: the inputs of programs and their results.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};

use crate::DType;

/// An array on the host. The elements are in C order and little endian. Booleans are the bytes 0 and 1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Array {
    /// The dtype of the elements.
    pub dtype: DType,
    /// The sizes of the axes. Empty for rank 0.
    pub shape: Vec<usize>,
    /// The bytes of the elements. Their number is the number of elements times `dtype.size()`.
    pub data: Vec<u8>,
}

/// One element of an array. Integers are exact. Booleans are separate from integers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)]
pub enum Element {
    Bool(bool),
    Int(i128),
    F32(f32),
    F64(f64),
    C64(f32, f32),
    C128(f64, f64),
}

impl Array {
    /// An array of `elements`. Each is converted to `dtype` as in [`Element::write`].
    pub fn from_elements(dtype: DType, shape: Vec<usize>, elements: impl IntoIterator<Item = Element>) -> Array {
        let mut data = Vec::with_capacity(shape.iter().product::<usize>() * dtype.size());
        for element in elements {
            element.write(dtype, &mut data);
        }
        Array { dtype, shape, data }
    }

    /// Whether the elements, in C order, repeat bit for bit after `period` elements.
    pub fn repeats(&self, period: usize) -> bool {
        let bytes = period * self.dtype.size();
        self.data.len() > bytes && self.data[bytes..] == self.data[..self.data.len() - bytes]
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the number of bytes fits the dtype and the shape. A shape is not possible if its axes, apart from those of length 0, have
    /// more elements than memory can address.
    pub fn is_consistent(&self) -> bool {
        let size = size_of(&self.shape).and_then(|size| size.checked_mul(self.dtype.size()));
        size == Some(self.data.len())
    }

    /// The array at index `i` of the first axis. Panics if there is no such index.
    pub fn along_first_axis(&self, i: usize) -> Array {
        let shape = self.shape[1..].to_vec();
        let size = self.dtype.size() * shape.iter().product::<usize>();
        Array { dtype: self.dtype, shape, data: self.data[i * size..(i + 1) * size].to_vec() }
    }

    /// The element at the flat C-order index `i`. Panics beyond the end.
    pub fn get(&self, i: usize) -> Element {
        let size = self.dtype.size();
        Element::read(self.dtype, &self.data[i * size..(i + 1) * size])
    }

    /// The elements in C order.
    pub fn elements(&self) -> impl Iterator<Item = Element> + '_ {
        self.data.chunks_exact(self.dtype.size()).map(|bytes| Element::read(self.dtype, bytes))
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A readable literal: nested lists in Python notation, followed by the dtype and the shape.
impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "array({}, dtype={}", self.literal(), self.dtype)?;
        if self.is_empty() { write!(f, ", shape={:?})", self.shape) } else { write!(f, ")") }
    }
}

impl Array {
    /// The elements as nested lists in Python notation.
    pub fn literal(&self) -> String {
        // The depth is the number of axes before the first one of length 0. The lists at that depth are empty.
        let depth = self.shape.iter().position(|n| *n == 0).unwrap_or(self.shape.len());
        let count: usize = self.shape[..depth].iter().product();
        if self.is_empty() && count > EMPTY_LISTS {
            return "[...]".to_owned();
        }
        // For each axis, the number of elements in one list of that axis. Its lists begin and end at multiples of this number.
        let mut spans = vec![1; depth];
        for axis in (0..depth).rev() {
            spans[axis] = self.shape[axis] * spans.get(axis + 1).copied().unwrap_or(1);
        }
        let mut out = String::new();
        for i in 0..count {
            if i > 0 {
                out.push_str(", ");
            }
            spans.iter().filter(|span| i % **span == 0).for_each(|_| out.push('['));
            if self.is_empty() {
                out.push_str("[]")
            } else {
                out.push_str(&self.get(i).to_string())
            }
            spans.iter().filter(|span| (i + 1) % **span == 0).for_each(|_| out.push(']'));
        }
        out
    }
}

/// The greatest number of empty lists that are written for an array without elements.
const EMPTY_LISTS: usize = 1000;

/// The number of elements of a shape. `None` if the axes, apart from those of length 0, have more elements than memory can address.
fn size_of(shape: &[usize]) -> Option<usize> {
    let others = shape.iter().filter(|n| **n > 0).try_fold(1usize, |size, n| size.checked_mul(*n))?;
    Some(if shape.contains(&0) { 0 } else { others })
}

impl Element {
    /// Reads an element of `dtype` from its little-endian bytes.
    pub fn read(dtype: DType, b: &[u8]) -> Element {
        fn f32_at(b: &[u8], at: usize) -> f32 {
            f32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]])
        }
        fn f64_at(b: &[u8], at: usize) -> f64 {
            f64::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7]])
        }
        match dtype {
            DType::Bool => Element::Bool(b[0] != 0),
            DType::Int8 => Element::Int(b[0] as i8 as i128),
            DType::Uint8 => Element::Int(b[0] as i128),
            DType::Int16 => Element::Int(i16::from_le_bytes([b[0], b[1]]) as i128),
            DType::Uint16 => Element::Int(u16::from_le_bytes([b[0], b[1]]) as i128),
            DType::Int32 => Element::Int(i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as i128),
            DType::Uint32 => Element::Int(u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as i128),
            DType::Int64 => Element::Int(f64_at(b, 0).to_bits() as i64 as i128),
            DType::Uint64 => Element::Int(f64_at(b, 0).to_bits() as i128),
            DType::Float32 => Element::F32(f32_at(b, 0)),
            DType::Float64 => Element::F64(f64_at(b, 0)),
            DType::Complex64 => Element::C64(f32_at(b, 0), f32_at(b, 4)),
            DType::Complex128 => Element::C128(f64_at(b, 0), f64_at(b, 8)),
        }
    }

    /// Appends the element as `dtype`. An element of another kind is converted: integers wrap, floats round to nearest and truncate to
    /// integers, and real numbers become complex with a zero imaginary component.
    pub fn write(self, dtype: DType, out: &mut Vec<u8>) {
        match dtype {
            DType::Bool => out.push(self.truth() as u8),
            DType::Int8 | DType::Uint8 => out.extend((self.integer() as u8).to_le_bytes()),
            DType::Int16 | DType::Uint16 => out.extend((self.integer() as u16).to_le_bytes()),
            DType::Int32 | DType::Uint32 => out.extend((self.integer() as u32).to_le_bytes()),
            DType::Int64 | DType::Uint64 => out.extend((self.integer() as u64).to_le_bytes()),
            DType::Float32 => match self {
                Element::F32(v) | Element::C64(v, _) => out.extend(v.to_le_bytes()),
                other => out.extend((other.components().0 as f32).to_le_bytes()),
            },
            DType::Float64 => out.extend(self.components().0.to_le_bytes()),
            DType::Complex64 => match self {
                Element::F32(v) => {
                    out.extend(v.to_le_bytes());
                    out.extend(0f32.to_le_bytes());
                }
                Element::C64(re, im) => {
                    out.extend(re.to_le_bytes());
                    out.extend(im.to_le_bytes());
                }
                other => {
                    let (re, im) = other.components();
                    out.extend((re as f32).to_le_bytes());
                    out.extend((im as f32).to_le_bytes());
                }
            },
            DType::Complex128 => {
                let (re, im) = self.components();
                out.extend(re.to_le_bytes());
                out.extend(im.to_le_bytes());
            }
        }
    }

    /// The element converted to `dtype`, as in [`Element::write`].
    pub fn cast(self, dtype: DType) -> Element {
        match (self, dtype) {
            (Element::Bool(_), DType::Bool)
            | (Element::F32(_), DType::Float32)
            | (Element::F64(_), DType::Float64)
            | (Element::C64(..), DType::Complex64)
            | (Element::C128(..), DType::Complex128) => self,
            (Element::Int(v), d) if d.integer_range().is_some_and(|(lo, hi)| lo <= v && v <= hi) => self,
            _ => {
                let mut bytes = Vec::with_capacity(16);
                self.write(dtype, &mut bytes);
                Element::read(dtype, &bytes)
            }
        }
    }

    /// The real and the imaginary component in double precision. Conversion from f32 is exact, and a NaN keeps its sign.
    pub fn components(self) -> (f64, f64) {
        match self {
            Element::Bool(v) => (v as u8 as f64, 0.0),
            Element::Int(v) => (v as f64, 0.0),
            Element::F32(v) => (v as f64, 0.0),
            Element::F64(v) => (v, 0.0),
            Element::C64(re, im) => (re as f64, im as f64),
            Element::C128(re, im) => (re, im),
        }
    }

    /// Whether the element differs from zero.
    pub fn truth(self) -> bool {
        match self {
            Element::Bool(v) => v,
            Element::Int(v) => v != 0,
            other => other.components() != (0.0, 0.0),
        }
    }

    /// The integer value. Floats truncate.
    pub fn integer(self) -> i128 {
        match self {
            Element::Bool(v) => v as i128,
            Element::Int(v) => v,
            other => other.components().0 as i128,
        }
    }

    /// Whether both elements have the same bits, including the payload of a NaN.
    pub fn same_bits(self, other: Element) -> bool {
        match (self, other) {
            (Element::F32(a), Element::F32(b)) => a.to_bits() == b.to_bits(),
            (Element::F64(a), Element::F64(b)) => a.to_bits() == b.to_bits(),
            (Element::C64(a, b), Element::C64(c, d)) => (a.to_bits(), b.to_bits()) == (c.to_bits(), d.to_bits()),
            (Element::C128(a, b), Element::C128(c, d)) => (a.to_bits(), b.to_bits()) == (c.to_bits(), d.to_bits()),
            (a, b) => a == b,
        }
    }
}

/// A float in Python notation, with the fewest digits that round-trip. The sign bit of a NaN is not shown.
struct PythonFloat<T>(T);

macro_rules! python_float {
    ($($t:ty),*) => {$(
        impl fmt::Display for PythonFloat<$t> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let v = self.0;
                if v.is_nan() {
                    f.write_str("nan")
                } else if v.is_infinite() {
                    f.write_str(if v > 0.0 { "inf" } else { "-inf" })
                } else {
                    write!(f, "{v:?}")
                }
            }
        }
    )*};
}
python_float!(f32, f64);

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Element::Bool(v) => f.write_str(if v { "True" } else { "False" }),
            Element::Int(v) => write!(f, "{v}"),
            Element::F32(v) => write!(f, "{}", PythonFloat(v)),
            Element::F64(v) => write!(f, "{}", PythonFloat(v)),
            Element::C64(re, im) => write!(f, "complex({}, {})", PythonFloat(re), PythonFloat(im)),
            Element::C128(re, im) => write!(f, "complex({}, {})", PythonFloat(re), PythonFloat(im)),
        }
    }
}

/// A Python scalar. It differs from an array, and its kinds differ from each other.
///
/// On the wire `{"bool": true}`, `{"int": "decimal"}`, `{"float": "0x1.8p3" | "nan" | "-inf"}`, `{"complex": [float, float]}`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Scalar {
    Bool(bool),
    #[serde(with = "decimal")]
    Int(i128),
    #[serde(with = "hex")]
    Float(f64),
    #[serde(with = "hex_pair")]
    Complex((f64, f64)),
}

impl Scalar {
    /// The scalar as an element. Floats have double precision.
    pub fn element(self) -> Element {
        match self {
            Scalar::Bool(v) => Element::Bool(v),
            Scalar::Int(v) => Element::Int(v),
            Scalar::Float(v) => Element::F64(v),
            Scalar::Complex((re, im)) => Element::C128(re, im),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.element())
    }
}

/// The value of a register after a program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// An array.
    Array(Array),
    /// An object that is not of the library's array type but has an array's attributes (`numpy.float64`).
    ArrayScalar {
        /// The name of its type.
        #[serde(rename = "type")]
        type_name: String,
        /// Its contents.
        array: Array,
    },
    /// An array of the library's with an element that its dtype cannot hold.
    Unfit(Unfit),
    /// A Python scalar, or its equivalent in another language.
    Scalar(Scalar),
    /// A dtype object, as the names of all dtypes of the standard that are equal to it.
    Dtype(Vec<String>),
    /// A device, as the names of all known devices that are equal to it.
    Device(Vec<String>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A list.
    List(Vec<Value>),
    /// A named tuple, in the order of its fields.
    NamedTuple(Vec<(String, Value)>),
    /// A mapping with string keys.
    Dict(Vec<(String, Value)>),
    /// A string.
    Str(String),
    /// `None`.
    None,
    /// Any other value, as its representation.
    Opaque(String),
}

/// An array with an element that its dtype cannot represent, such as -1 in an array of unsigned integers. It holds what is known about the
/// array.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfit {
    /// The dtype that the array claims.
    pub dtype: DType,
    /// The shape.
    #[serde(deserialize_with = "possible_shape")]
    pub shape: Vec<usize>,
    /// The index of the first such element, in C order.
    pub at: usize,
    /// The element as text.
    pub element: String,
}

/// Reads a shape, and refuses one that no array can have.
fn possible_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let shape = Vec::deserialize(deserializer)?;
    match size_of(&shape) {
        Some(_) => Ok(shape),
        None => Err(serde::de::Error::custom(format!("no array has the shape {shape:?}"))),
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "array of dtype {}, shape {:?}, that holds {}", self.dtype, self.shape, self.element)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list(f: &mut fmt::Formatter<'_>, open: &str, items: &[Value], close: &str) -> fmt::Result {
            f.write_str(open)?;
            for (i, item) in items.iter().enumerate() {
                write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
            }
            f.write_str(close)
        }
        match self {
            Value::Array(array) => write!(f, "{array}"),
            Value::ArrayScalar { type_name, array } => write!(f, "{type_name}({})", array.literal()),
            Value::Unfit(unfit) => write!(f, "{unfit}"),
            Value::Scalar(scalar) => write!(f, "{scalar}"),
            Value::Dtype(names) => write!(f, "dtype {}", names.join(" = ")),
            Value::Device(names) => write!(f, "device {}", names.join(" = ")),
            // As in Python, a tuple of one item needs the comma.
            Value::Tuple(items) => list(f, "(", items, if items.len() == 1 { ",)" } else { ")" }),
            Value::List(items) => list(f, "[", items, "]"),
            Value::NamedTuple(fields) | Value::Dict(fields) => {
                f.write_str("{")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("}")
            }
            Value::Str(text) => write!(f, "{text:?}"),
            Value::None => f.write_str("None"),
            Value::Opaque(repr) => f.write_str(repr),
        }
    }
}

/// An array in JSON. On the wire it is `[dtype, shape, data]`.
#[derive(Serialize, Deserialize)]
struct ArrayJson<'a> {
    dtype: DType,
    shape: Cow<'a, [usize]>,
    /// The bytes in base64.
    data: String,
    /// A literal for human readers. Programs ignore it.
    #[serde(skip_deserializing)]
    literal: String,
}

impl Serialize for Array {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let (shape, data) = (Cow::Borrowed(self.shape.as_slice()), BASE64.encode(&self.data));
            ArrayJson { dtype: self.dtype, shape, data, literal: self.literal() }.serialize(serializer)
        } else {
            (self.dtype, &self.shape, Bytes::new(&self.data)).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Array {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let array = if deserializer.is_human_readable() {
            let ArrayJson { dtype, shape, data, .. } = ArrayJson::deserialize(deserializer)?;
            Array { dtype, shape: shape.into_owned(), data: BASE64.decode(data).map_err(serde::de::Error::custom)? }
        } else {
            let (dtype, shape, data) = <(DType, Vec<usize>, ByteBuf)>::deserialize(deserializer)?;
            Array { dtype, shape, data: data.into_vec() }
        };
        if array.is_consistent() {
            Ok(array)
        } else {
            Err(serde::de::Error::custom(format!(
                "array of dtype {} and shape {:?} carries {} bytes",
                array.dtype,
                array.shape,
                array.data.len()
            )))
        }
    }
}

mod decimal {
    //! Integers as decimal strings.
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(v: &i128, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(v)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<i128, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no decimal integer of at most 128 bits")))
    }
}

mod hex {
    //! Floats as hexadecimal literals, as C99 and Python write them.
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(v: &f64, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&format(*v))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no hexadecimal float")))
    }

    /// The hexadecimal literal of `v`. `nan` and `inf` have a minus sign if `v` has.
    pub fn format(v: f64) -> String {
        let sign = if v.is_sign_negative() { "-" } else { "" };
        if v.is_nan() {
            return format!("{sign}nan");
        }
        if v.is_infinite() {
            return format!("{sign}inf");
        }
        let bits = v.to_bits();
        let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        let (lead, exponent) = match (exponent, mantissa) {
            (0, 0) => (0, 0),
            (0, _) => (0, -1022),
            _ => (1, exponent - 1023),
        };
        let digits = format!("{mantissa:013x}");
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        format!("{sign}0x{lead}{point}{digits}p{exponent}")
    }

    /// Reads the text that [`format`] and Python's `float.hex` write.
    pub fn parse(text: &str) -> Option<f64> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let magnitude = match rest {
            "nan" => f64::NAN,
            "inf" => f64::INFINITY,
            _ => {
                let (digits, exponent) = rest.strip_prefix("0x")?.split_once('p')?;
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                if whole.len() + fraction.len() > 15 {
                    return None;
                }
                let mantissa = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
                let exponent = exponent.parse::<i32>().ok()? - 4 * fraction.len() as i32;
                // Two exact steps ensure that a subnormal result is not rounded twice.
                let half = (exponent / 2).clamp(-1000, 1000);
                mantissa as f64 * 2f64.powi(half) * 2f64.powi((exponent - half).clamp(-1022, 1023))
            }
        };
        Some(if negative { -magnitude } else { magnitude })
    }
}

mod hex_pair {
    //! Complex numbers as a pair of hexadecimal floats.
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(v: &(f64, f64), s: S) -> Result<S::Ok, S::Error> {
        [super::hex::format(v.0), super::hex::format(v.1)].serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<(f64, f64), D::Error> {
        let [re, im] = <[String; 2]>::deserialize(d)?;
        let parse = |t: &str| super::hex::parse(t).ok_or_else(|| D::Error::custom(format!("`{t}` is no hexadecimal float")));
        Ok((parse(&re)?, parse(&im)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    quickcheck! {
        fn hex_round_trips(bits: u64) -> bool {
            let v = f64::from_bits(bits);
            let back = hex::parse(&hex::format(v)).expect("our own literal");
            back.to_bits() == v.to_bits() || v.is_nan() && back.is_nan() && back.is_sign_negative() == v.is_sign_negative()
        }

        fn elements_round_trip(bits: u64, dtype: u8) -> bool {
            let dtype = DType::ALL[dtype as usize % DType::ALL.len()];
            let mut bytes = bits.to_le_bytes().repeat(2);
            bytes.truncate(dtype.size());
            if dtype == DType::Bool { bytes[0] &= 1 }
            let mut back = Vec::new();
            Element::read(dtype, &bytes).write(dtype, &mut back);
            back == bytes
        }

        fn arrays_round_trip_in_json_and_messagepack(data: Vec<u8>) -> bool {
            let array = Array { dtype: DType::Uint8, shape: vec![data.len()], data };
            let json = serde_json::to_string(&array).unwrap();
            let wire = rmp_serde::to_vec_named(&array).unwrap();
            serde_json::from_str::<Array>(&json).unwrap() == array && rmp_serde::from_slice::<Array>(&wire).unwrap() == array
        }
    }

    #[test]
    fn an_array_with_too_few_bytes_is_refused() {
        let error = serde_json::from_str::<Array>(r#"{"dtype": "int16", "shape": [2], "data": "AAAA"}"#).unwrap_err();
        assert!(error.to_string().contains("carries 3 bytes"), "{error}");
    }

    #[test]
    fn a_tuple_of_one_item_has_a_comma() {
        let shown = |items: &[i128]| Value::Tuple(items.iter().map(|v| Value::Scalar(Scalar::Int(*v))).collect()).to_string();
        assert_eq!([shown(&[]), shown(&[1]), shown(&[1, 2])], ["()", "(1,)", "(1, 2)"]);
        assert_eq!(Value::List(vec![Value::None]).to_string(), "[None]");
    }

    #[test]
    fn a_literal_has_a_list_for_each_axis() {
        let literal = |shape: &[usize]| {
            let count = shape.iter().product::<usize>();
            Array::from_elements(DType::Int8, shape.to_vec(), (0..count).map(|i| Element::Int(i as i128))).literal()
        };
        assert_eq!(literal(&[]), "0");
        assert_eq!(literal(&[1, 1]), "[[0]]");
        assert_eq!(literal(&[2, 1, 2]), "[[[0, 1]], [[2, 3]]]");
        assert_eq!(literal(&[0, 3]), "[]");
        assert_eq!(literal(&[2, 0]), "[[], []]");
        assert_eq!(literal(&[1, 2, 0, 4]), "[[[], []]]");
        assert_eq!(literal(&[1 << 40, 0]), "[...]");
        let deep = literal(&[1; 100_000]);
        assert!(deep.starts_with("[[[") && deep.ends_with("]]]") && deep.len() == 200_001);
    }

    #[test]
    fn a_shape_beyond_all_memory_is_refused_beside_an_axis_of_length_0_too() {
        for shape in ["[0, 4294967296, 4294967296]", "[4294967296, 4294967296, 0]"] {
            assert!(serde_json::from_str::<Array>(&format!(r#"{{"dtype": "int8", "shape": {shape}, "data": ""}}"#)).is_err());
            assert!(serde_json::from_str::<Unfit>(&format!(r#"{{"dtype": "int8", "shape": {shape}, "at": 0, "element": "x"}}"#)).is_err());
        }
        assert!(serde_json::from_str::<Array>(r#"{"dtype": "int8", "shape": [4294967296, 0], "data": ""}"#).is_ok());
    }
}

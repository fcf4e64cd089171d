//! Dtype and shape of what a call gives, from those of its arguments: by the rules of the spec.
//!
//! Three things no rule says, and they stand here: what needs no call ([`fold`]), what a key selects ([`index`]), and the conversions
//! of Python.

mod dtype;
mod fold;
mod index;

use array_assay_interface::{DType, ParameterKind};
use array_assay_spec::shape::{Arguments, Sizes, Value};
use array_assay_spec::{Function, ResultArray, Results, Several, Spec, SpecSignature};

use crate::fact::{ArrayFact, Ask, Fact, Known};
use crate::library::Library;

/// What a call gives, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// An array.
    Array(DType, Sizes),
    /// A tuple.
    Tuple(Vec<Made>),
    /// A named tuple.
    Named(Vec<(String, Made)>),
    /// A Python number.
    Number,
    /// Something that no call needs to be made for.
    Static(Fact),
    /// Not known.
    Unknown,
}

/// Arguments by parameter.
pub(crate) struct Bound<'a> {
    given: Vec<(&'a str, Fact)>,
}

impl<'a> Bound<'a> {
    /// Arguments bound to the parameters of a signature.
    pub fn new(signature: &'a SpecSignature, args: &[Fact], kwargs: &[(String, Fact)]) -> Result<Bound<'a>, String> {
        let mut given = Vec::new();
        let mut rest = args.iter();
        for parameter in &signature.parameters {
            match parameter.kind {
                ParameterKind::VarPositional => given.push((parameter.name.as_str(), Fact::Tuple(rest.by_ref().cloned().collect()))),
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => {
                    if let Some(fact) = rest.next() {
                        given.push((parameter.name.as_str(), fact.clone()));
                    }
                }
                _ => {}
            }
        }
        if rest.next().is_some() {
            return Err(format!("`{signature}` takes fewer positional arguments than {}", args.len()));
        }
        for (name, fact) in kwargs {
            let parameter = signature.parameters.iter().find(|p| p.name == *name);
            let parameter = parameter.ok_or_else(|| format!("`{signature}` has no argument `{name}`"))?;
            given.push((parameter.name.as_str(), fact.clone()));
        }
        Ok(Bound { given })
    }

    /// The arguments, by name.
    pub fn into_given(self) -> Vec<(&'a str, Fact)> {
        self.given
    }

    /// An argument that was given and is not `None`.
    pub fn get(&self, name: &str) -> Option<&Fact> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, fact)| fact).filter(|fact| **fact != Fact::None)
    }

    pub fn arrays(&self, name: &str) -> Result<Vec<&ArrayFact>, String> {
        let items = self.get(name).and_then(Fact::items).ok_or_else(|| format!("`{name}` is no sequence"))?;
        items.iter().map(|fact| fact.array().ok_or_else(|| format!("`{name}` holds {}", fact.kind()))).collect()
    }

    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.get(name).and_then(Fact::dtype)
    }
}

impl Arguments for Bound<'_> {
    fn argument(&self, name: &str) -> Option<Value> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, fact)| value(fact))
    }
}

/// What a rule for a shape sees of a fact.
fn value(fact: &Fact) -> Value {
    match fact {
        Fact::Array(Known::Array(array)) => Value::Array(array.shape.clone()),
        Fact::Array(Known::Number { .. } | Known::Size { .. }) => Value::Unknown,
        Fact::Scalar(scalar) => (*scalar).into(),
        Fact::Str(text) => Value::Text(text.clone()),
        Fact::None => Value::None,
        Fact::Tuple(items) | Fact::List(items) => Value::Tuple(items.iter().map(value).collect()),
        Fact::Array(Known::Opaque { .. }) | Fact::Dtype(_) | Fact::Device(_) | Fact::Slice(_) | Fact::Ellipsis | Fact::Fields(..) => {
            Value::Other
        }
    }
}

/// What a call of a function gives.
pub fn infer(spec: &Spec, library: &Library, path: &str, args: &[Fact], kwargs: &[(String, Fact)]) -> Result<Made, String> {
    match path {
        "builtins.int" | "builtins.float" | "builtins.bool" | "builtins.complex" => return Ok(Made::Number),
        // A key is a language of its own: slices, `None`, `...`, masks.
        "operator.getitem" => return index::getitem(args),
        "operator.setitem" => return Ok(Made::Static(Fact::None)),
        _ => {}
    }
    let numbers = args.iter().any(|arg| matches!(arg, Fact::Array(Known::Number { .. } | Known::Size { .. })));
    if path.starts_with("operator.") && numbers && !args.iter().any(|arg| matches!(arg, Fact::Array(Known::Array(_)))) {
        return Ok(Made::Number);
    }
    let Some(function) = spec.at_path(path) else { return Ok(Made::Unknown) };
    let bound = Bound::new(&function.signature, args, kwargs)?;
    let call = Call { spec, library, function, bound: &bound };
    match fold::folded(&call, path)? {
        Some(fact) => Ok(Made::Static(fact)),
        None => call.made(),
    }
}

/// A call under inference.
struct Call<'a> {
    spec: &'a Spec,
    library: &'a Library,
    function: &'a Function,
    bound: &'a Bound<'a>,
}

impl Call<'_> {
    /// What comes out by the rules for the result.
    fn made(&self) -> Result<Made, String> {
        match &self.function.result.arrays {
            None => Ok(Made::Unknown),
            Some(Results::One(array)) => self.array(array, self.first_dtype()),
            Some(Results::Fields(fields)) => {
                let made = fields.iter().map(|(name, array)| Ok((name.clone(), self.array(array, self.first_dtype())?)));
                made.collect::<Result<_, String>>().map(Made::Named)
            }
            Some(Results::Several(Several::Count(count), array)) => {
                let count = count.number(&self.function.signature, self.bound).map_err(|error| error.why)?;
                let count = count.ok_or("the number of arrays is not known before the program runs")?;
                Ok(Made::Tuple(vec![self.array(array, self.first_dtype())?; count]))
            }
            Some(Results::Several(Several::Each(of), array)) => {
                let made = self.bound.arrays(of)?.into_iter().map(|x| self.array(array, Some(x.dtype)));
                made.collect::<Result<_, String>>().map(Made::Tuple)
            }
        }
    }

    /// An array by its rules; `own` is the dtype of the argument that a rule may mean.
    fn array(&self, rules: &ResultArray, own: Option<DType>) -> Result<Made, String> {
        let shape = rules.shape.shape(&self.function.signature, self.bound).map_err(|error| error.why)?;
        Ok(Made::Array(self.dtype(rules.dtype, own)?, shape))
    }
}

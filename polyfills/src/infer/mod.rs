//! Dtype and shape of what a call gives, from those of its arguments: by the spec's rules where it states them, else by the
//! function's own semantics.

mod create;
mod index;
mod linalg;
mod shape;

pub(crate) use index::length as slice_length;

use array_assay_interface::{DType, Kind, ParameterKind, Scalar};
use array_assay_spec::{Domain, DtypeRelation, DtypeRule, Function, Spec, SpecSignature};

use crate::fact::{ArrayFact, Fact};
use crate::library::Library;

/// What a call gives, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// An array.
    Array(DType, Vec<Option<usize>>),
    /// A tuple.
    Tuple(Vec<Made>),
    /// A named tuple.
    Named(Vec<(&'static str, Made)>),
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

    pub fn array(&self, name: &str) -> Result<&ArrayFact, String> {
        match self.get(name) {
            Some(Fact::Array(array)) => Ok(array),
            Some(other) => Err(format!("`{name}` is {} and no array", other.kind())),
            None => Err(format!("`{name}` is missing")),
        }
    }

    pub fn arrays(&self, name: &str) -> Result<Vec<&ArrayFact>, String> {
        let items = self.get(name).and_then(Fact::items).ok_or_else(|| format!("`{name}` is no sequence"))?;
        let array = |fact: &'_ Fact| if let Fact::Array(_) = fact { Ok(()) } else { Err(format!("`{name}` holds {}", fact.kind())) };
        items.iter().try_for_each(array)?;
        Ok(items.iter().filter_map(|fact| if let Fact::Array(array) = fact { Some(array) } else { None }).collect())
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Fact::Scalar(Scalar::Bool(true))))
    }

    pub fn integer(&self, name: &str) -> Option<i128> {
        self.get(name).and_then(Fact::integer)
    }

    /// Integers: one alone or those of a tuple.
    pub fn integers(&self, name: &str) -> Result<Option<Vec<i128>>, String> {
        let unknown = || format!("`{name}` is not known before the program runs");
        match self.get(name) {
            None => Ok(None),
            Some(Fact::Tuple(items) | Fact::List(items)) => {
                items.iter().map(Fact::integer).collect::<Option<Vec<_>>>().map(Some).ok_or_else(unknown)
            }
            Some(one) => one.integer().map(|v| Some(vec![v])).ok_or_else(unknown),
        }
    }

    /// One axis, counted from the front.
    pub fn axis(&self, name: &str, rank: usize) -> Result<Option<usize>, String> {
        self.integers(name)?.map(|axes| normalized(axes[0], rank)).transpose()
    }

    /// Axes, counted from the front.
    pub fn axes(&self, name: &str, rank: usize) -> Result<Option<Vec<usize>>, String> {
        self.integers(name)?.map(|axes| axes.into_iter().map(|axis| normalized(axis, rank)).collect()).transpose()
    }

    pub fn dtype(&self, name: &str) -> Option<DType> {
        match self.get(name) {
            Some(Fact::Dtype(dtype)) => Some(*dtype),
            _ => None,
        }
    }
}

/// The axis counted from the front.
pub(crate) fn normalized(axis: i128, rank: usize) -> Result<usize, String> {
    let from_front = if axis < 0 { axis + rank as i128 } else { axis };
    usize::try_from(from_front).ok().filter(|axis| *axis < rank).ok_or_else(|| format!("axis {axis} is out of bounds for rank {rank}"))
}

/// What a call of a function gives.
pub fn infer(spec: &Spec, library: &Library, path: &str, args: &[Fact], kwargs: &[(String, Fact)]) -> Result<Made, String> {
    match path {
        "builtins.int" | "builtins.float" | "builtins.bool" | "builtins.complex" => return Ok(Made::Number),
        "operator.getitem" => return index::getitem(args),
        "operator.setitem" => return Ok(Made::Static(Fact::None)),
        _ => {}
    }
    let numbers = args.iter().any(|arg| matches!(arg, Fact::Number { .. } | Fact::Size { .. }));
    if path.starts_with("operator.") && numbers && !args.iter().any(|arg| matches!(arg, Fact::Array(_))) {
        return Ok(Made::Number);
    }
    let Some(function) = spec.at_path(path) else { return Ok(Made::Unknown) };
    let bound = Bound::new(&function.signature, args, kwargs)?;
    let call = Call { spec, library, function, bound: &bound };
    if function.is_elementwise() {
        return call.elementwise();
    }
    if let Some(made) = create::made(&call, path)? {
        return Ok(made);
    }
    if let Some(made) = shape::made(&call, path)? {
        return Ok(made);
    }
    if let Some(made) = linalg::made(&call, path)? {
        return Ok(made);
    }
    call.reduction()
}

/// A call under inference.
pub(crate) struct Call<'a> {
    pub spec: &'a Spec,
    pub library: &'a Library,
    pub function: &'a Function,
    pub bound: &'a Bound<'a>,
}

impl Call<'_> {
    /// The dtype of the result by the spec's rule.
    pub fn dtype(&self) -> Result<DType, String> {
        let rule = self.function.result.dtype;
        if rule == DtypeRule::Promote {
            return self.promoted();
        }
        let first = self.first().map(|array| array.dtype);
        let dtype = rule.dtype(self.bound.dtype("dtype"), first, || None, self.library.defaults);
        dtype.ok_or_else(|| "the dtype of the result is not known before the program runs".to_owned())
    }

    /// The first array among the arguments.
    pub fn first(&self) -> Option<&ArrayFact> {
        self.bound.given.iter().find_map(|(_, fact)| match fact {
            Fact::Array(array) => Some(array),
            Fact::Tuple(items) | Fact::List(items) => {
                items.iter().find_map(|item| if let Fact::Array(array) = item { Some(array) } else { None })
            }
            _ => None,
        })
    }

    fn promoted(&self) -> Result<DType, String> {
        let related = |name: &str| {
            let parameter = self.function.parameters.iter().find(|p| p.name == name);
            parameter.is_none_or(|p| match &p.domain {
                Domain::Array { dtype, .. } => *dtype != DtypeRelation::Own || self.is_primary(name),
                Domain::Arrays { .. } | Domain::ArrayOrScalar { .. } => true,
                _ => false,
            })
        };
        let facts: Vec<&Fact> = self.bound.given.iter().filter(|(name, _)| related(name)).map(|(_, fact)| fact).collect();
        promote(self.spec, &facts)
    }

    /// Whether another parameter's dtype relates to this one's. Of `where` the condition stands alone.
    fn is_primary(&self, name: &str) -> bool {
        self.function.parameters.iter().any(|p| match &p.domain {
            Domain::Array { of: Some(of), dtype, .. } => of == name && *dtype != DtypeRelation::Own,
            Domain::ArrayOrScalar { of, .. } => of == name,
            _ => false,
        })
    }

    fn elementwise(&self) -> Result<Made, String> {
        let facts: Vec<&Fact> = self.bound.given.iter().map(|(_, fact)| fact).filter(|fact| **fact != Fact::None).collect();
        let common = promote(self.spec, &facts)?;
        let first = self.first().map_or(common, |array| array.dtype);
        let dtype = self.function.result.dtype_of(first, common);
        let shapes: Vec<&[Option<usize>]> =
            facts.iter().filter_map(|fact| if let Fact::Array(array) = fact { Some(array.shape.as_slice()) } else { None }).collect();
        Ok(Made::Array(dtype, broadcast(&shapes)?))
    }

    /// A reduction over `axis`, which `keepdims` keeps.
    fn reduction(&self) -> Result<Made, String> {
        let reduces = self.function.signature.parameters.iter().any(|p| p.name == "keepdims");
        if !reduces {
            return Ok(Made::Unknown);
        }
        let x = self.first().ok_or("it has no array")?;
        let axes = self.bound.axes("axis", x.shape.len())?;
        Ok(Made::Array(self.dtype()?, reduced(&x.shape, axes.as_deref(), self.bound.flag("keepdims"))))
    }
}

/// The shape without the reduced axes, or with them of length one.
pub(crate) fn reduced(shape: &[Option<usize>], axes: Option<&[usize]>, keepdims: bool) -> Vec<Option<usize>> {
    let gone = |axis: usize| axes.is_none_or(|axes| axes.contains(&axis));
    let size = |(axis, n): (usize, &Option<usize>)| match (gone(axis), keepdims) {
        (false, _) => Some(*n),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    };
    shape.iter().enumerate().filter_map(size).collect()
}

/// The dtype to which arrays, dtypes and scalars promote.
pub(crate) fn promote(spec: &Spec, facts: &[&Fact]) -> Result<DType, String> {
    fn collect(fact: &Fact, out: &mut Vec<DType>, complex: &mut bool) {
        match fact {
            Fact::Array(array) => out.push(array.dtype),
            Fact::Dtype(dtype) => out.push(*dtype),
            Fact::Tuple(items) | Fact::List(items) => items.iter().for_each(|item| collect(item, out, complex)),
            Fact::Scalar(Scalar::Complex(_)) => *complex = true,
            _ => {}
        }
    }
    let (mut dtypes, mut complex) = (Vec::new(), false);
    facts.iter().for_each(|fact| collect(fact, &mut dtypes, &mut complex));
    let first = *dtypes.first().ok_or("no operand is an array")?;
    let common = dtypes.iter().try_fold(first, |common, dtype| {
        spec.dtypes.promote(common, *dtype).ok_or_else(|| format!("the standard does not promote {common} and {dtype}"))
    })?;
    Ok(if complex && common.kind() == Kind::RealFloating { common.complex() } else { common })
}

/// The shape to which shapes broadcast. A size that is not known is taken to fit.
pub(crate) fn broadcast(shapes: &[&[Option<usize>]]) -> Result<Vec<Option<usize>>, String> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut out = vec![Some(1); rank];
    for shape in shapes {
        for (size, of) in shape.iter().rev().zip(out.iter_mut().rev()) {
            *of = match (*of, *size) {
                (Some(1), size) => size,
                (of, Some(1)) => of,
                (Some(a), Some(b)) if a == b => Some(a),
                (Some(a), Some(b)) => return Err(format!("sizes {a} and {b} do not broadcast")),
                (known, None) | (None, known) => known,
            };
        }
    }
    Ok(out)
}

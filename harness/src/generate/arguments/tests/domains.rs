//! Whether an argument lies in the domain of its parameter, as far as this shows without the semantics of the function.

use array_assay_interface::{Array, DType, Kind, Scalar};
use array_assay_oracle::call::{Call, Expectation, Given, broadcast_shapes, semantics};
use array_assay_spec::{Domain, DtypeRelation, Function, Parameter, RangePart, ShapeRelation, Spec, Values};

use super::super::elements::ascending;
use crate::generate::BackendProfile;

/// What is wrong with an argument of a type that its domain does not have.
const ANOTHER_KIND: &str = "is of another kind";

/// The arguments of a call, and what they were drawn from.
pub(super) struct Context<'a> {
    pub spec: &'a Spec,
    pub profile: &'a BackendProfile,
    pub function: &'a Function,
    pub given: &'a [(&'a str, Given)],
}

impl Context<'_> {
    /// Whether an argument lies in the domain of its parameter; if not, what is wrong with it.
    pub(super) fn contains(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        let signature = self.function.signature.parameters.iter().find(|p| p.name == parameter.name).ok_or("is no parameter")?;
        let may_be_none = matches!(parameter.domain, Domain::None {}) || signature.default.as_deref() == Some("None");
        match &parameter.domain {
            _ if *given == Given::None && may_be_none => Ok(()),
            Domain::Array { .. }
            | Domain::Arrays { .. }
            | Domain::ArrayOrScalar { .. }
            | Domain::ArrayOrDtype { .. }
            | Domain::Mixture { .. }
            | Domain::Object { .. }
            | Domain::Sorter { .. }
            | Domain::Key { .. }
            | Domain::Assigned { .. } => self.contains_arrays(parameter, given),
            Domain::Axis { .. }
            | Domain::Axes { .. }
            | Domain::MovedAxes { .. }
            | Domain::Permutation { .. }
            | Domain::NewAxis { .. }
            | Domain::NewAxes { .. }
            | Domain::UnitAxes { .. }
            | Domain::Contraction { .. }
            | Domain::TransformAxes { .. } => self.contains_axes(parameter, given),
            Domain::Sizes { .. } | Domain::Shapes { .. } | Domain::Reshape { .. } | Domain::BroadcastShape { .. } => {
                self.contains_shapes(parameter, given)
            }
            Domain::Integer { .. }
            | Domain::Real { .. }
            | Domain::Shift { .. }
            | Domain::Repetitions { .. }
            | Domain::Repeats { .. }
            | Domain::Range { .. }
            | Domain::Number { .. }
            | Domain::Order { .. }
            | Domain::Tolerance { .. }
            | Domain::TransformLength { .. }
            | Domain::TransformLengths { .. }
            | Domain::Spacing { .. } => self.contains_numbers(parameter, given),
            Domain::None { .. }
            | Domain::Version { .. }
            | Domain::Flag { .. }
            | Domain::Copy { .. }
            | Domain::Choice { .. }
            | Domain::Kinds { .. }
            | Domain::Dtype { .. }
            | Domain::Device { .. } => self.contains_choices(parameter, given),
        }
    }

    fn find(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|(n, _)| *n == name).map(|(_, given)| given)
    }

    /// The array of a parameter, or the first one.
    fn array(&self, name: &str) -> Result<&Array, String> {
        self.find(name).and_then(|given| given.leaves().next()).ok_or_else(|| format!("relates to no array `{name}`"))
    }

    fn rank(&self, name: &str) -> Result<usize, String> {
        self.array(name).map(|array| array.shape.len())
    }

    /// The axis that relates two shapes.
    fn along(&self, along: Option<&str>, rank: usize) -> Option<usize> {
        match along.and_then(|along| self.find(along)) {
            Some(Given::Scalar(Scalar::Int(axis))) => Some(axis.rem_euclid(rank as i128) as usize),
            _ => rank.checked_sub(1),
        }
    }

    /// What an oracle makes of these arguments.
    fn expected(&self, path: &str, given: &[(&str, Given)], dtype: Option<DType>) -> Result<Expectation, String> {
        let call = Call { given, dtype, defaults: self.profile.defaults };
        semantics(path).ok_or("has no semantics")?(&call).map_err(|why| format!("is undefined: {why:?}"))
    }

    fn dtype_fits(&self, parameter: &Parameter, array: &Array, of: Option<&str>, relation: DtypeRelation) -> Result<(), String> {
        let other = of.map(|of| self.array(of)).transpose()?;
        ensure(
            match (relation, other) {
                (DtypeRelation::Same, Some(other)) => array.dtype == other.dtype,
                (DtypeRelation::Promotes, Some(other)) => {
                    parameter.dtypes.contains(array.dtype) && self.spec.dtypes.promote(array.dtype, other.dtype).is_some()
                }
                _ => parameter.dtypes.contains(array.dtype),
            },
            "has a dtype outside its domain",
        )
    }

    fn shape_fits(&self, shape: &[usize], of: &[usize], relation: ShapeRelation, axis: Option<usize>) -> Result<(), String> {
        let but_for = |at: usize, shape: &[usize]| shape.iter().enumerate().map(|(i, n)| if i == at { 1 } else { *n }).collect::<Vec<_>>();
        let broadcast = |a: &[usize], b: &[usize]| broadcast_shapes([a, b]).is_some();
        ensure(
            match relation {
                ShapeRelation::Own | ShapeRelation::Squares | ShapeRelation::Triples => true,
                ShapeRelation::Sides => match (shape, of) {
                    ([rows], [.., n, _]) => rows == n,
                    ([stack @ .., rows, _], [outer @ .., n, _]) => rows == n && broadcast(stack, outer),
                    _ => false,
                },
                ShapeRelation::Vector => shape.len() == 1,
                ShapeRelation::Same => shape == of,
                ShapeRelation::Broadcast => broadcast(shape, of),
                ShapeRelation::Concat => {
                    shape.len() == of.len() && axis.is_some_and(|axis| but_for(axis, shape) == but_for(axis, of)) || shape == of
                }
                ShapeRelation::Along => {
                    shape.len() == of.len() && axis.is_some_and(|axis| broadcast(&but_for(axis, shape), &but_for(axis, of)))
                }
                ShapeRelation::Square => shape.len() == 2 && shape[0] == shape[1] && Some(&shape[0]) == of.last(),
                ShapeRelation::Matmul => match (shape, of.last()) {
                    ([k], Some(n)) => k == n,
                    ([stack @ .., k, _], Some(n)) => k == n && broadcast(stack, &of[..of.len().saturating_sub(2)]),
                    _ => false,
                },
                ShapeRelation::Vecdot => {
                    let from_back = of.len() - axis.ok_or("has no axis")?;
                    let at = |shape: &[usize]| shape.len().checked_sub(from_back).map(|at| shape[at]);
                    at(shape) == at(of) && broadcast(shape, of)
                }
                // The axes to contract are drawn after it, whatever its shape.
                ShapeRelation::Contracted => true,
            },
            "has a shape that does not fit",
        )
    }

    /// Whether an array has a dtype, a shape and elements of its domain.
    fn array_fits(&self, parameter: &Parameter, array: &Array) -> Result<(), String> {
        let Domain::Array { rank, of, along, dtype, shape, values, .. } = &parameter.domain else { return Err("is an array".to_owned()) };
        self.dtype_fits(parameter, array, of.as_deref(), *dtype)?;
        match of.as_deref().filter(|_| *shape != ShapeRelation::Own) {
            None => {
                ensure((rank.0..=rank.1).contains(&array.shape.len()), "has a rank outside its domain")?;
                let last_two = &array.shape[array.shape.len().saturating_sub(2)..];
                ensure(*shape != ShapeRelation::Squares || last_two[0] == last_two[1], "is not square")?;
                ensure(*shape != ShapeRelation::Triples || array.shape.contains(&3), "has no axis of three elements")?;
            }
            Some(of) => {
                let of = self.array(of)?;
                self.shape_fits(&array.shape, &of.shape, *shape, self.along(along.as_deref(), of.shape.len()))?;
            }
        }
        let sorted = self.function.parameters.iter().find(|p| matches!(&p.domain, Domain::Sorter { of } if *of == parameter.name));
        match values {
            // With a sorter it is not sorted itself.
            Values::Sorted if sorted.is_none_or(|sorter| !matches!(self.find(&sorter.name), Some(Given::Array(_)))) => {
                ensure((1..array.len()).all(|i| ascending(array.get(i - 1), array.get(i)).is_le()), "is not sorted")
            }
            Values::Index => {
                let of = self.array(of.as_deref().ok_or("indexes nothing")?)?;
                let n = of.shape[self.along(along.as_deref(), of.shape.len()).ok_or("has no axis")?] as i128;
                ensure(array.elements().all(|e| (-n..n).contains(&e.integer())), "has an index out of bounds")
            }
            Values::Finite | Values::Signal | Values::HalfSpectrum => {
                ensure(array.elements().all(|e| e.components().0.is_finite()), "is not finite")
            }
            Values::Hermitian | Values::Definite => {
                let n = array.shape[array.shape.len() - 1];
                let mirrored = |i: usize| {
                    let (stack, row, column) = (i / (n * n), i / n % n, i % n);
                    let ((a, b), (c, d)) = (array.get(i).components(), array.get((stack * n + column) * n + row).components());
                    a == c && b == -d && a.is_finite()
                };
                ensure((0..array.len()).all(mirrored), "is not Hermitian")
            }
            _ => Ok(()),
        }
    }

    /// Domains of arrays, and of objects that may stand in their place.
    fn contains_arrays(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        match (&parameter.domain, given) {
            (Domain::Array { .. }, Given::Array(array)) => self.array_fits(parameter, array),
            (Domain::Array { .. }, Given::Scalar(_)) => {
                let in_place_of =
                    |p: &Parameter| matches!(&p.domain, Domain::ArrayOrScalar { of, either: true, .. } if *of == parameter.name);
                ensure(self.function.parameters.iter().any(in_place_of), "is a scalar")
            }
            (Domain::Arrays { .. }, _) => self.arrays_fit(parameter, given),
            (Domain::ArrayOrScalar { of, either: true, .. }, Given::Array(_)) if self.array(of).is_err() => Ok(()),
            (Domain::ArrayOrScalar { of, shape, .. }, Given::Array(array)) => {
                self.dtype_fits(parameter, array, Some(of), DtypeRelation::Promotes)?;
                self.shape_fits(&array.shape, &self.array(of)?.shape, *shape, None)
            }
            (Domain::ArrayOrScalar { .. }, Given::Scalar(_)) => Ok(()),
            (Domain::ArrayOrDtype {}, Given::Array(Array { dtype, .. }) | Given::Dtype(dtype)) => {
                ensure(parameter.dtypes.contains(*dtype), "has a dtype outside its domain")
            }
            (Domain::Mixture {}, Given::Tuple(_)) => {
                self.expected("result_type", &[(parameter.name.as_str(), given.clone())], None).map(|_| ())
            }
            (Domain::Sorter { of }, Given::Array(order)) => {
                let vector = self.array(of)?;
                let places: Vec<usize> = order.elements().map(|e| e.integer() as usize).collect();
                let mut seen = places.clone();
                seen.sort_unstable();
                ensure(seen == (0..vector.len()).collect::<Vec<_>>(), "is no permutation")?;
                ensure(places.windows(2).all(|w| ascending(vector.get(w[0]), vector.get(w[1])).is_le()), "does not sort")
            }
            (Domain::Key { of }, _) => {
                let selected =
                    self.expected("operator.getitem", &[("self", Given::Array(self.array(of)?.clone())), ("key", given.clone())], None)?;
                ensure(matches!(selected, Expectation::Array(_)), "selects nothing")
            }
            (Domain::Assigned { of, key }, _) => self.value_fits(of, key, given),
            (Domain::Object { .. }, Given::Array(array)) => ensure(parameter.dtypes.contains(array.dtype), "is outside its domain"),
            (Domain::Object { .. }, _) => ensure(depth(given).is_some(), "is ragged"),
            _ => Err(ANOTHER_KIND.to_owned()),
        }
    }

    /// Domains of axes.
    fn contains_axes(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        match (&parameter.domain, given) {
            // Arrays of one shape may be flattened and joined.
            (Domain::Axis { of }, Given::None) => {
                let shapes: Vec<_> = self.find(of).into_iter().flat_map(Given::leaves).map(|array| &array.shape).collect();
                ensure(!shapes.is_empty() && shapes.windows(2).all(|pair| pair[0] == pair[1]), "joins different shapes flattened")
            }
            (Domain::Axis { of }, Given::Scalar(_)) => axes(given, self.rank(of)?).map(|_| ()),
            (Domain::Axes { of }, _) => ensure(!axes(given, self.rank(of)?)?.is_empty(), "has no axes"),
            (Domain::MovedAxes { of, to }, _) => {
                let moved = axes(given, self.rank(of)?)?;
                let matches = |to: &Given| {
                    integers(to).is_some_and(|to| to.len() == moved.len())
                        && matches!(to, Given::Tuple(_)) == matches!(given, Given::Tuple(_))
                };
                ensure(to.as_ref().and_then(|to| self.find(to)).is_none_or(matches), "has another number of axes")
            }
            (Domain::Permutation { of }, Given::Tuple(items)) => {
                ensure(items.len() == self.rank(of)?, "leaves axes out")?;
                axes(given, items.len()).map(|_| ())
            }
            (Domain::NewAxis { of }, Given::Scalar(_)) => axes(given, self.rank(of)? + 1).map(|_| ()),
            (Domain::NewAxes { of }, _) => {
                let count = integers(given).map_or(0, |axes| axes.len());
                axes(given, self.rank(of)? + count).map(|_| ())
            }
            (Domain::UnitAxes { of }, _) => {
                let shape = &self.array(of)?.shape;
                ensure(axes(given, shape.len())?.into_iter().all(|axis| shape[axis] == 1), "has an axis of another length")
            }
            (Domain::TransformAxes { of }, Given::Tuple(_) | Given::List(_)) => {
                ensure(!axes(given, self.rank(of)?)?.is_empty(), "has no axes")
            }
            (Domain::Contraction { of, with }, _) => self.contraction_fits(of, with, given),
            _ => Err(ANOTHER_KIND.to_owned()),
        }
    }

    /// Domains of shapes.
    fn contains_shapes(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        match (&parameter.domain, given) {
            (Domain::Sizes {}, _) => ensure(integers(given).is_some_and(|sizes| sizes.iter().all(|n| *n >= 0)), "is no shape"),
            (Domain::Shapes {}, Given::Tuple(items)) => {
                let shapes: Option<Vec<Vec<usize>>> =
                    items.iter().map(|s| Some(integers(s)?.into_iter().map(|n| n as usize).collect())).collect();
                let shapes = shapes.ok_or("holds something else than shapes")?;
                ensure(shapes.is_empty() || broadcast_shapes(shapes.iter().map(Vec::as_slice)).is_some(), "does not broadcast")
            }
            (Domain::Reshape { of }, Given::Tuple(_)) => {
                let sizes = integers(given).ok_or("is no shape")?;
                let total = self.array(of)?.len() as i64;
                let known: i64 = sizes.iter().filter(|n| **n >= 0).product();
                match sizes.iter().filter(|n| **n < 0).count() {
                    0 => ensure(known == total, "has another number of elements"),
                    1 => ensure(known > 0 && total % known == 0 && sizes.iter().all(|n| *n >= -1), "leaves a size that cannot be inferred"),
                    _ => Err("leaves two sizes to be inferred".to_owned()),
                }
            }
            (Domain::BroadcastShape { of }, Given::Tuple(_)) => {
                let shape: Vec<usize> = integers(given).ok_or("is no shape")?.into_iter().map(|n| n as usize).collect();
                ensure(broadcast_shapes([&self.array(of)?.shape[..], &shape]) == Some(shape), "is not reached by broadcasting")
            }
            _ => Err(ANOTHER_KIND.to_owned()),
        }
    }

    /// Domains of numbers.
    fn contains_numbers(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        match (&parameter.domain, given) {
            (Domain::TransformLength { .. }, Given::Scalar(Scalar::Int(n))) => ensure(*n > 0, "is no length"),
            (Domain::TransformLengths { along, half, .. }, Given::Tuple(_) | Given::List(_)) => {
                let lengths = integers(given).ok_or("holds something else than lengths")?;
                let of = self.find(along).and_then(integers).ok_or("has no axes")?;
                let last = lengths.len().wrapping_sub(1);
                let legal = |(i, n): (usize, &i64)| *n > 0 || *n == -1 && !(*half && i == last);
                ensure(lengths.len() == of.len() && lengths.iter().enumerate().all(legal), "is no length for each axis")
            }
            (Domain::Spacing {}, Given::Scalar(Scalar::Float(d))) => ensure(*d > 0.0, "is no distance"),
            (Domain::Integer { between: (low, high) }, Given::Scalar(Scalar::Int(v))) => {
                ensure((i128::from(*low)..=i128::from(*high)).contains(v), "is out of bounds")
            }
            (Domain::Real { between: (low, high) }, Given::Scalar(scalar @ (Scalar::Int(_) | Scalar::Float(_)))) => {
                ensure((*low as f64..=*high as f64).contains(&scalar.element().components().0), "is out of bounds")
            }
            (Domain::Shift { .. }, Given::Scalar(Scalar::Int(_))) => Ok(()),
            (Domain::Shift { along }, Given::Tuple(shifts)) => {
                let axes = self.find(along).filter(|axes| matches!(axes, Given::Tuple(_))).and_then(integers);
                ensure(axes.is_some_and(|axes| axes.len() == shifts.len()), "has not one shift for each axis")
            }
            (Domain::Repetitions { .. }, Given::Tuple(_)) => {
                ensure(integers(given).is_some_and(|counts| counts.iter().all(|n| *n >= 0)), "is negative")
            }
            (Domain::Repeats { .. }, Given::Scalar(Scalar::Int(v))) => ensure(*v >= 0, "is negative"),
            (Domain::Repeats { of, along }, Given::Array(counts)) => {
                let of = self.array(of)?;
                let axis = self.find(along).filter(|axis| **axis != Given::None);
                let length = match axis {
                    Some(axis) => of.shape[axes(axis, of.shape.len())?[0]],
                    None => of.len(),
                };
                ensure(
                    (counts.shape == [length] || counts.shape == [1]) && parameter.dtypes.contains(counts.dtype),
                    "has not one number for each element",
                )?;
                ensure(counts.elements().all(|e| e.integer() >= 0), "is negative")
            }
            (Domain::Range { part }, Given::Scalar(scalar)) => {
                ensure(*part != RangePart::Step || scalar.element().components().0 != 0.0, "is zero")
            }
            (Domain::Number { dtype, of }, Given::Scalar(scalar)) => self.number_fits(dtype.as_deref(), of.as_deref(), scalar),
            (Domain::Order { among }, Given::Str(name)) => ensure(among.contains(name), "is no norm"),
            (Domain::Order { among }, Given::Scalar(scalar)) => {
                let order = scalar.element().components().0;
                ensure(among.iter().any(|text| text.parse() == Ok(order)), "is no order of a norm")
            }
            (Domain::Tolerance { .. }, Given::Scalar(Scalar::Float(v))) => ensure((0.0..1.0).contains(v), "is no tolerance"),
            (Domain::Tolerance { of }, Given::Array(array)) => {
                let of = self.array(of)?;
                let outer = &of.shape[..of.shape.len() - 2];
                ensure(array.dtype == of.dtype.real(), "has another precision")?;
                ensure(broadcast_shapes([&array.shape[..], outer]).as_deref() == Some(outer), "does not broadcast to the stack")
            }
            _ => Err(ANOTHER_KIND.to_owned()),
        }
    }

    /// Domains of flags, names, dtypes and devices.
    fn contains_choices(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        match (&parameter.domain, given) {
            (Domain::Version {}, Given::Tuple(parts)) => {
                let is_one = parts.first() == Some(&Given::Scalar(Scalar::Int(1)));
                ensure(is_one && parts.len() == 2, "is no version of DLPack")
            }
            (Domain::Flag {}, Given::Scalar(Scalar::Bool(_))) | (Domain::Copy {}, Given::Scalar(Scalar::Bool(true))) => Ok(()),
            (Domain::Choice { among }, Given::Str(text)) => ensure(among.contains(text), "is no choice"),
            (Domain::Kinds { .. }, Given::Tuple(items)) => items.iter().try_for_each(|item| self.contains(parameter, item)),
            (Domain::Kinds { among }, Given::Str(text)) => ensure(among.contains(text), "is no kind"),
            (Domain::Kinds { .. }, Given::Dtype(dtype)) => ensure(parameter.dtypes.contains(*dtype), "is outside its domain"),
            (Domain::Dtype { of, upcast }, Given::Dtype(to)) => {
                ensure(parameter.dtypes.contains(*to), "is outside its domain")?;
                let Some(of) = of else { return Ok(()) };
                let from = self.array(of)?.dtype;
                let wider = from.kind() == to.kind() && from.size() <= to.size() || from.is_integer() && to.kind() == Kind::RealFloating;
                ensure(!upcast || wider || from.is_floating() && from.kind() == to.kind(), "is narrower or of another kind")?;
                ensure(!from.is_complex() || to.is_complex() || *to == DType::Bool, "is a real number's, for complex numbers")
            }
            (Domain::Device {}, Given::Device(name)) => ensure(self.profile.devices.contains(name), "is no device"),
            _ => Err(ANOTHER_KIND.to_owned()),
        }
    }

    /// Whether a sequence of arrays has the right number of arrays, of the right dtypes and shapes.
    fn arrays_fit(&self, parameter: &Parameter, given: &Given) -> Result<(), String> {
        let (Domain::Arrays { count, rank, dtype, shape }, Given::Tuple(items) | Given::List(items)) = (&parameter.domain, given) else {
            return Err("is no sequence".to_owned());
        };
        ensure((count.0..=count.1).contains(&items.len()), "has another number of arrays")?;
        let all: Vec<&Array> = given.leaves().collect();
        ensure(all.len() == items.len(), "holds something else than arrays")?;
        let joined = self.function.parameters.iter().find(|p| matches!(&p.domain, Domain::Axis { of } if *of == parameter.name));
        let axis = joined.map(|p| match self.find(&p.name) {
            Some(Given::Scalar(Scalar::Int(axis))) => axis.rem_euclid(all[0].shape.len() as i128) as usize,
            _ => 0,
        });
        for array in &all {
            let of = if *dtype == DtypeRelation::Own { None } else { Some(parameter.name.as_str()) };
            self.dtype_fits(parameter, array, of, *dtype)?;
            ensure((rank.0..=rank.1).contains(&array.shape.len()) || *shape == ShapeRelation::Broadcast, "has a rank outside its domain")?;
            self.shape_fits(&array.shape, &all[0].shape, *shape, axis)?;
        }
        Ok(())
    }

    /// Whether a number fits the dtype that another argument gives.
    fn number_fits(&self, dtype: Option<&str>, of: Option<&str>, scalar: &Scalar) -> Result<(), String> {
        let requested = dtype.and_then(|name| self.find(name));
        let dtype = match (requested, of.map(|of| self.array(of)).transpose()?) {
            (Some(Given::Dtype(dtype)), _) => *dtype,
            (_, Some(array)) => array.dtype,
            _ => return Ok(()),
        };
        ensure(
            match (scalar, dtype.integer_range()) {
                (Scalar::Int(v), Some((low, high))) => (low..=high).contains(v),
                (Scalar::Bool(_), None) => dtype == DType::Bool,
                (Scalar::Int(_) | Scalar::Float(_), None) => dtype.is_floating(),
                (Scalar::Complex(_), None) => dtype.is_complex(),
                _ => false,
            },
            "does not fit the dtype",
        )
    }

    /// Whether the axes that are contracted have the same lengths in both arrays.
    fn contraction_fits(&self, of: &str, with: &str, given: &Given) -> Result<(), String> {
        let (a, b) = (&self.array(of)?.shape, &self.array(with)?.shape);
        match given {
            Given::Scalar(Scalar::Int(n)) => {
                let n = usize::try_from(*n).map_err(|_| "is negative")?;
                ensure(n <= a.len().min(b.len()) && a[a.len() - n..] == b[..n], "contracts different lengths")
            }
            Given::Tuple(pair) if pair.len() == 2 => {
                let (left, right) = (axes(&pair[0], a.len())?, axes(&pair[1], b.len())?);
                let lengths = |axes: Vec<usize>, shape: &[usize]| axes.into_iter().map(|axis| shape[axis]).collect::<Vec<_>>();
                ensure(lengths(left, a) == lengths(right, b), "contracts different lengths")
            }
            _ => Err("is no contraction".to_owned()),
        }
    }

    /// Whether a value can be assigned to the elements that a key selects.
    fn value_fits(&self, of: &str, key: &str, given: &Given) -> Result<(), String> {
        let (of, key) = (self.array(of)?, self.find(key).ok_or("has no key")?.clone());
        let selected = self.expected("operator.getitem", &[("self", Given::Array(of.clone())), ("key", key)], None)?;
        match (selected, given) {
            (Expectation::Array(selected), Given::Array(value)) => {
                let shape = broadcast_shapes([&value.shape[..], &selected.shape]);
                ensure(value.dtype == of.dtype && shape == Some(selected.shape), "does not fit what it is assigned to")
            }
            (_, Given::Scalar(scalar)) => ensure(
                match scalar {
                    Scalar::Bool(_) => of.dtype == DType::Bool,
                    Scalar::Int(v) => of.dtype.integer_range().is_some_and(|(low, high)| (low..=high).contains(v)),
                    Scalar::Float(_) => of.dtype.is_floating(),
                    Scalar::Complex(_) => of.dtype.is_complex(),
                },
                "is of another kind",
            ),
            _ => Err("cannot be assigned".to_owned()),
        }
    }
}

/// The integers of an integer, or of a sequence of them.
fn integers(given: &Given) -> Option<Vec<i64>> {
    match given {
        Given::Scalar(Scalar::Int(v)) => Some(vec![*v as i64]),
        Given::Tuple(items) | Given::List(items) => {
            items.iter().map(|item| integers(item).filter(|v| v.len() == 1).map(|v| v[0])).collect()
        }
        _ => None,
    }
}

/// The axes of an argument, counted from the front. An error if one of them repeats or lies outside `rank`.
fn axes(given: &Given, rank: usize) -> Result<Vec<usize>, String> {
    let given = integers(given).ok_or("is no axis and no tuple of axes")?;
    let mut out = Vec::new();
    for axis in given {
        let from_front = if axis < 0 { axis + rank as i64 } else { axis };
        ensure((0..rank as i64).contains(&from_front), &format!("has axis {axis} of {rank}"))?;
        ensure(!out.contains(&(from_front as usize)), "repeats an axis")?;
        out.push(from_front as usize);
    }
    Ok(out)
}

/// An error with the reason `why` unless `holds` is true.
fn ensure(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// The lengths of nested sequences, from the outermost. `None` if two sequences of one depth have different lengths.
fn depth(given: &Given) -> Option<Vec<usize>> {
    match given {
        Given::Scalar(_) => Some(Vec::new()),
        Given::Tuple(items) | Given::List(items) => {
            let inner: Vec<Vec<usize>> = items.iter().map(depth).collect::<Option<_>>()?;
            let same = inner.windows(2).all(|pair| pair[0] == pair[1]);
            same.then(|| std::iter::once(items.len()).chain(inner.into_iter().next().unwrap_or_default()).collect())
        }
        _ => None,
    }
}

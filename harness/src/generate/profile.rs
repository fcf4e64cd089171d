//! The backend profile: what a library has, as far as the drawn cases depend on it.

use std::collections::{BTreeMap, BTreeSet};

use array_assay_interface::{DType, Defaults};
use array_assay_spec::expr::Expr;
use array_assay_spec::{Function, Spec};

use super::layout::{LAYOUTS, Layout};
use super::losses::Losses;
use super::shapes::{MAX_RANK, ShapeKind, broadcastable, shape, variants};
use super::values::Random;

/// What a library has, as far as the drawn cases depend on it.
#[derive(Debug, Clone, PartialEq)]
pub struct BackendProfile {
    /// The dtypes that the library has, and that are selected.
    pub dtypes: Vec<DType>,
    /// The layouts that can be made.
    pub layouts: Vec<Layout>,
    /// The kinds of shapes for which a layout cannot be made.
    pub unlaid: BTreeSet<(Layout, ShapeKind)>,
    /// The values and shapes that do not come back unchanged.
    pub losses: Losses,
    /// The greatest rank that is drawn.
    pub max_rank: usize,
    /// The library's devices, the default first.
    pub devices: Vec<String>,
    /// Whether arrays say on which device they are.
    pub tells_device: bool,
    /// The library's default dtypes.
    pub defaults: Defaults,
    /// The shapes that the library declares, because each new shape costs it a compilation. Empty if any shape will do.
    pub shapes: Vec<Vec<usize>>,
    /// The capabilities that the library lacks, by name, each with the reason.
    pub lacks: BTreeMap<String, String>,
    /// The greatest rank of the library's arrays, if it has one.
    pub rank_limit: Option<RankLimit>,
    /// The unusable dtypes and those that the library does not have, each with the reason.
    pub unusable: BTreeMap<DType, String>,
}

/// The greatest rank of a library's arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct RankLimit {
    /// The rank.
    pub rank: usize,
    /// How the limit shows.
    pub why: String,
}

/// Calls that a library may refuse, because it lacks what they need.
#[derive(Debug, Clone, Copy)]
pub struct Excused<'s> {
    /// The condition that the calls fulfil. `None` if all calls of the function are meant.
    pub when: Option<&'s Expr>,
    /// How it shows that the library lacks what the calls need.
    pub why: &'s str,
}

impl Default for BackendProfile {
    fn default() -> BackendProfile {
        BackendProfile {
            dtypes: DType::ALL.to_vec(),
            layouts: LAYOUTS.to_vec(),
            unlaid: BTreeSet::new(),
            losses: Losses::default(),
            max_rank: MAX_RANK,
            devices: Vec::new(),
            tells_device: true,
            defaults: Defaults::default(),
            shapes: Vec::new(),
            lacks: BTreeMap::new(),
            rank_limit: None,
            unusable: BTreeMap::new(),
        }
    }
}

impl BackendProfile {
    /// Whether the library does not have the dtype at all.
    pub fn is_missing(&self, dtype: DType) -> bool {
        self.unusable.contains_key(&dtype) && !self.dtypes.contains(&dtype)
    }

    /// The same profile of a library that lacks all capabilities.
    pub fn without_capabilities(&self, spec: &Spec) -> BackendProfile {
        BackendProfile {
            lacks: spec.capabilities.iter().map(|capability| (capability.name.clone(), String::new())).collect(),
            ..self.clone()
        }
    }

    /// The calls of a function that the library may refuse, because it lacks what they need.
    pub fn excuses<'s>(&'s self, spec: &'s Spec, function: &Function) -> Vec<Excused<'s>> {
        let lacking = spec.capabilities.iter().filter_map(|capability| Some((capability, self.lacks.get(&capability.name)?)));
        let excuses = lacking.flat_map(|(capability, why)| capability.excuses.iter().map(move |excuse| (excuse, why.as_str())));
        excuses.filter(|(excuse, _)| excuse.names(function)).map(|(excuse, why)| Excused { when: excuse.when.as_ref(), why }).collect()
    }

    /// Why the library may lack the whole function, if it may.
    pub fn excuses_all<'s>(&'s self, spec: &'s Spec, function: &Function) -> Option<&'s str> {
        self.excuses(spec, function).into_iter().find(|excused| excused.when.is_none()).map(|excused| excused.why)
    }

    /// Whether two arrays of this shape can be views of one that overlap. If each shape costs a compilation, they are not worth it.
    pub(super) fn makes_overlapping(&self, shape: &[usize]) -> bool {
        self.layouts.contains(&Layout::Strided) && self.shapes.is_empty() && shape.first().is_some_and(|rows| *rows > 1)
    }

    /// A shape of at most `max_rank` axes.
    pub(super) fn shape(&self, max_rank: usize, random: &mut Random) -> Vec<usize> {
        self.declared_shape((0, max_rank), usize::MAX, random).unwrap_or_else(|| shape(random, max_rank))
    }

    /// One of the declared shapes whose rank lies between `low` and `high` and whose axes are at most `longest` long. `None` if there is
    /// none.
    pub(super) fn declared_shape(&self, (low, high): (usize, usize), longest: usize, random: &mut Random) -> Option<Vec<usize>> {
        let fits = |shape: &Vec<usize>| (low..=high).contains(&shape.len()) && shape.iter().all(|n| *n <= longest);
        let weights: Vec<usize> = self.shapes.iter().map(|shape| usize::from(fits(shape))).collect();
        weights.contains(&1).then(|| self.shapes[random.pick("declared shape", &weights)].clone())
    }

    /// Shapes of `count` operands that broadcast together. If `keeps_first` is set, the first has the shape of the result.
    pub(super) fn operand_shapes(&self, count: usize, keeps_first: bool, random: &mut Random) -> Vec<Vec<usize>> {
        match self.declared_shape((0, self.max_rank), usize::MAX, random) {
            Some(common) => {
                let mut shapes = variants(random, count, &common);
                if let Some(first) = shapes.first_mut().filter(|_| keeps_first) {
                    *first = common;
                }
                shapes
            }
            None => broadcastable(random, count, self.max_rank, keeps_first),
        }
    }

    /// Draws the memory layout of an operand of this shape. Only one operand in `one_in` is not contiguous, because each other layout costs
    /// an extra call.
    pub(super) fn layout(&self, shape: &[usize], one_in: usize, random: &mut Random) -> Layout {
        self.layout_among(|_| true, shape, one_in, random)
    }

    /// Like [`BackendProfile::layout`], but only among the layouts that the operand `may_be` in.
    pub(super) fn layout_among(&self, may_be: impl Fn(Layout) -> bool, shape: &[usize], one_in: usize, random: &mut Random) -> Layout {
        let fits = |layout: &Layout| may_be(*layout) && layout.fits(shape) && !self.unlaid.contains(&(*layout, ShapeKind::of(shape)));
        let others = self.layouts.iter().map(|layout| usize::from(fits(layout)));
        let weights: Vec<usize> = std::iter::once((one_in - 1) * self.layouts.len().max(1)).chain(others).collect();
        random.pick("layout", &weights).checked_sub(1).map_or(Layout::Contiguous, |layout| self.layouts[layout])
    }
}

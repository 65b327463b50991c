"""The catalogue of losses, a file per family."""

from losskit.losses import (
    adversarial,
    alignment,
    angular_margin,
    auc,
    audio,
    boundary,
    boxes,
    bregman,
    classification,
    compound_overlap,
    confidence,
    consistency,
    contrastive,
    correlation,
    detection,
    distillation,
    divergence,
    ensembles,
    evidential,
    experts,
    frequency,
    generative,
    gradient_penalties,
    hard_examples,
    harmonized,
    image,
    imbalance,
    imbalanced_regression,
    insensitive,
    keypoints,
    likelihood,
    list_pairs,
    list_shares,
    localisation,
    lovasz,
    margin,
    matching,
    metric,
    mixture_divergence,
    multi_task,
    multilabel,
    neural_sort,
    noisy_labels,
    ordinal,
    overlap,
    pairs,
    penalties,
    policy,
    power_divergence,
    preference,
    proxies,
    quantile,
    quantization,
    ranking,
    recommender,
    redescending,
    regression,
    relational_distillation,
    relative,
    retrieval,
    robust,
    rotated_boxes,
    scores,
    self_supervised,
    separation,
    sequence,
    similarity,
    soft_rank,
    sparse,
    spectral,
    survival,
    tempered,
    topology,
    unimodal,
)
from losskit.losses.adversarial import *
from losskit.losses.alignment import *
from losskit.losses.angular_margin import *
from losskit.losses.auc import *
from losskit.losses.audio import *
from losskit.losses.boundary import *
from losskit.losses.boxes import *
from losskit.losses.bregman import *
from losskit.losses.classification import *
from losskit.losses.compound_overlap import *
from losskit.losses.confidence import *
from losskit.losses.consistency import *
from losskit.losses.contrastive import *
from losskit.losses.correlation import *
from losskit.losses.detection import *
from losskit.losses.distillation import *
from losskit.losses.divergence import *
from losskit.losses.ensembles import *
from losskit.losses.evidential import *
from losskit.losses.experts import *
from losskit.losses.frequency import *
from losskit.losses.generative import *
from losskit.losses.gradient_penalties import *
from losskit.losses.hard_examples import *
from losskit.losses.harmonized import *
from losskit.losses.image import *
from losskit.losses.imbalance import *
from losskit.losses.imbalanced_regression import *
from losskit.losses.insensitive import *
from losskit.losses.keypoints import *
from losskit.losses.likelihood import *
from losskit.losses.list_pairs import *
from losskit.losses.list_shares import *
from losskit.losses.localisation import *
from losskit.losses.lovasz import *
from losskit.losses.margin import *
from losskit.losses.matching import *
from losskit.losses.metric import *
from losskit.losses.mixture_divergence import *
from losskit.losses.multi_task import *
from losskit.losses.multilabel import *
from losskit.losses.neural_sort import *
from losskit.losses.noisy_labels import *
from losskit.losses.ordinal import *
from losskit.losses.overlap import *
from losskit.losses.pairs import *
from losskit.losses.penalties import *
from losskit.losses.policy import *
from losskit.losses.power_divergence import *
from losskit.losses.preference import *
from losskit.losses.proxies import *
from losskit.losses.quantile import *
from losskit.losses.quantization import *
from losskit.losses.ranking import *
from losskit.losses.recommender import *
from losskit.losses.redescending import *
from losskit.losses.regression import *
from losskit.losses.relational_distillation import *
from losskit.losses.relative import *
from losskit.losses.retrieval import *
from losskit.losses.robust import *
from losskit.losses.rotated_boxes import *
from losskit.losses.scores import *
from losskit.losses.self_supervised import *
from losskit.losses.separation import *
from losskit.losses.sequence import *
from losskit.losses.similarity import *
from losskit.losses.soft_rank import *
from losskit.losses.sparse import *
from losskit.losses.spectral import *
from losskit.losses.survival import *
from losskit.losses.tempered import *
from losskit.losses.topology import *
from losskit.losses.unimodal import *

__all__ = [  # pyright: ignore[reportUnsupportedDunderAll]
    *adversarial.__all__,
    *alignment.__all__,
    *angular_margin.__all__,
    *auc.__all__,
    *audio.__all__,
    *boundary.__all__,
    *boxes.__all__,
    *bregman.__all__,
    *classification.__all__,
    *compound_overlap.__all__,
    *confidence.__all__,
    *consistency.__all__,
    *contrastive.__all__,
    *correlation.__all__,
    *detection.__all__,
    *distillation.__all__,
    *divergence.__all__,
    *ensembles.__all__,
    *evidential.__all__,
    *experts.__all__,
    *frequency.__all__,
    *generative.__all__,
    *gradient_penalties.__all__,
    *hard_examples.__all__,
    *harmonized.__all__,
    *image.__all__,
    *imbalance.__all__,
    *imbalanced_regression.__all__,
    *insensitive.__all__,
    *keypoints.__all__,
    *likelihood.__all__,
    *list_pairs.__all__,
    *list_shares.__all__,
    *localisation.__all__,
    *lovasz.__all__,
    *margin.__all__,
    *matching.__all__,
    *metric.__all__,
    *mixture_divergence.__all__,
    *multi_task.__all__,
    *multilabel.__all__,
    *neural_sort.__all__,
    *noisy_labels.__all__,
    *ordinal.__all__,
    *overlap.__all__,
    *pairs.__all__,
    *penalties.__all__,
    *policy.__all__,
    *power_divergence.__all__,
    *preference.__all__,
    *proxies.__all__,
    *quantile.__all__,
    *quantization.__all__,
    *ranking.__all__,
    *recommender.__all__,
    *redescending.__all__,
    *regression.__all__,
    *relational_distillation.__all__,
    *relative.__all__,
    *retrieval.__all__,
    *robust.__all__,
    *rotated_boxes.__all__,
    *scores.__all__,
    *self_supervised.__all__,
    *separation.__all__,
    *sequence.__all__,
    *similarity.__all__,
    *soft_rank.__all__,
    *sparse.__all__,
    *spectral.__all__,
    *survival.__all__,
    *tempered.__all__,
    *topology.__all__,
    *unimodal.__all__,
]

"""The paper's experiments: objective x beta x seed x factor sampling, each model trained, decomposed and scored."""

from reference_models.study.config import PRESETS, Block, StudyConfig, read_config
from reference_models.study.runner import run_study
from reference_models.study.shared_table import merge_into

__all__ = ["PRESETS", "Block", "StudyConfig", "merge_into", "read_config", "run_study"]

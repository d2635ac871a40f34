"""Settings: the user's file and environment over the packaged service policy. Read once, at start."""

from supporttui.config.desk import DeskSettings, Secret
from supporttui.config.folders import Folders
from supporttui.config.settings import Settings, default_policy, load_settings
from supporttui.config.tables import ConfigProblem

__all__ = ["ConfigProblem", "DeskSettings", "Folders", "Secret", "Settings", "default_policy", "load_settings"]

"""Buttons that lead to the repository, Colab and Binder: all follow from the repository's address, or don't show."""

from sphinx.application import Sphinx
from sphinx.config import Config

WITH_REPOSITORY = {
    "use_repository_button": True,
    "use_edit_page_button": True,
    "use_issues_button": True,
    "launch_buttons": {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    },
}


def setup(app: Sphinx) -> None:
    """Decide once the configuration is known."""
    app.connect("config-inited", follow_repository, priority=400)


def follow_repository(app: Sphinx, config: Config) -> None:
    """Switch the buttons on if `repository: url:` in _config.yml has an address."""
    if config.html_theme_options.get("repository_url"):
        config.html_theme_options = {**config.html_theme_options, **WITH_REPOSITORY}

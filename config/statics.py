"""Static files under names made from their content, in all places that name them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModules(CompressedManifestStaticFilesStorage):
    """Also rewrites what one script module imports from another. Under its plain name a module would stay in browsers
    for as long as a hashed file does, which is longer than it stays true."""

    support_js_module_import_aggregation = True

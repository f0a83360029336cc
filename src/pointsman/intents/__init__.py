"""The categories that come with Pointsman, one YAML file each; they are data, and users may override them."""

"""The Discord bot: a surface that reads messages there, has them answered, and writes the replies."""

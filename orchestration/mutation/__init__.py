"""How strong contracts are: harms planted one at a time into copies of a build, and which of them are noticed."""

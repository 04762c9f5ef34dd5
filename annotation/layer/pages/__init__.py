"""What people see of the layer: pages of its own, what it says and in which language, the front end it leans on."""

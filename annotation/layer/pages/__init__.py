"""What people see of the layer: pages of its own, texts in their language, the front end it leans on."""

  def load(self: __torch__.ViT, given: List[Tensor], types: List[int], packed: List[int]) -> int:
    w = annotate(List[Tensor], [])
    for i in range(torch.len(given)):
      x = given[i]
      if types[i] == 15:
        x = torch.view_copy(x, dtype=15)
      if packed[i] == 0:
        x = torch.to(x, {dtype})
      if packed[i] == 1:
        x = {packed}
      if packed[i] == 2:
        x = torch.to(x, 6)
      _0 = torch.append(w, x)
    self.weights = w
    return torch.len(w)
  def run(self: __torch__.ViT, inputs: List[Tensor], outputs: List[Tensor], flags: List[int]) -> int:
    bool_masked_pos = annotate(Optional[Tensor], None)
    if torch.len(inputs) == 2:
      bool_masked_pos = inputs[1]
    hidden_states, attentions, others, = self.compute(self.weights, inputs[0], bool_masked_pos, flags[0] != 0, flags[1] != 0, flags[2] != 0, flags[3] != 0, flags[4] != 0, flags[5] != 0)
    k = 0
    for i in range(torch.len(hidden_states)):
      _1 = torch.copy_(outputs[k], hidden_states[i])
      k = k + 1
    for i in range(torch.len(attentions)):
      _2 = torch.copy_(outputs[k], attentions[i])
      k = k + 1
    for i in range(torch.len(others)):
      _3 = torch.copy_(outputs[k], others[i])
      k = k + 1
    return k

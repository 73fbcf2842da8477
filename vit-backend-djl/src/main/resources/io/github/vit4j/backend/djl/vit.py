class ViT(Module):
  __parameters__ = [{parameters}]
  __buffers__ = []
  training : bool
{attributes}
{methods}
  def embeddings(self: __torch__.ViT, w: List[Tensor], pixel_values: Tensor, bool_masked_pos: Optional[Tensor], interpolate: bool) -> Tensor:
    x = torch.conv2d(torch.to(pixel_values, {dtype}), w[3], w[4], [{patch_height}, {patch_width}], [0, 0], [1, 1], 1)
    rows = torch.size(x, 2)
    columns = torch.size(x, 3)
    x = torch.transpose(torch.flatten(x, 2), 1, 2)
    if bool_masked_pos is not None:
      x = torch.where(torch.unsqueeze(bool_masked_pos, -1), w[1], x)
    positions = w[2]
    if interpolate:
      grid = torch.reshape(torch.slice(positions, 1, 1), [1, {side}, {side}, {hidden}])
      grid = torch.upsample_bicubic2d(torch.permute(grid, [0, 3, 1, 2]), [rows, columns], False, None, None)
      patches = torch.flatten(torch.permute(grid, [0, 2, 3, 1]), 1, 2)
      positions = torch.cat([torch.slice(positions, 1, 0, 1), patches], 1)
    cls = torch.expand(w[0], [torch.size(x, 0), -1, -1])
    return torch.add(torch.cat([cls, x], 1), torch.to(positions, {dtype}))
  def norm(self: __torch__.ViT, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.layer_norm(x, [{hidden}], w, b, {layer_norm_eps})
  def linear(self: __torch__.ViT, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    return {linear}
  def mlp(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    x = {intermediate}
    return self.linear(x, w[i + 14], w[i + 15])
  def split(self: __torch__.ViT, x: Tensor) -> Tensor:
    x = torch.view(x, [torch.size(x, 0), torch.size(x, 1), {heads}, {head_size}])
    return torch.transpose(x, 1, 2)
  def merge(self: __torch__.ViT, x: Tensor) -> Tensor:
    return torch.flatten(torch.transpose(x, 1, 2), 2)
  def query(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    return self.linear(x, w[i + 2], {query_bias})
  def key(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    return self.linear(x, w[i + 4], {key_bias})
  def value(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    return self.linear(x, w[i + 6], {value_bias})
  def attention(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    q = self.split(self.query(x, w, i))
    k = self.split(self.key(x, w, i))
    v = self.split(self.value(x, w, i))
    return self.merge(torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale={scale}))
  def probabilities(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    q = self.split(self.query(x, w, i))
    k = self.split(self.key(x, w, i))
    scores = torch.mul(torch.matmul(q, torch.transpose(k, 2, 3)), {scale})
    return torch.to(torch.softmax(scores, -1, 6), {dtype})
  def mix(self: __torch__.ViT, probabilities: Tensor, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    return self.merge(torch.matmul(probabilities, self.split(self.value(x, w, i))))
  def first_token_attention(self: __torch__.ViT, x: Tensor, w: List[Tensor], i: int) -> Tensor:
    q = torch.to(self.query(torch.slice(x, 1, 0, 1), w, i), 6)
    x = torch.to(x, 6)
    q = torch.transpose(torch.view(q, [torch.size(x, 0), {heads}, {head_size}]), 0, 1)
    projected = torch.transpose(torch.bmm(q, torch.view(w[{raw_key}], [{heads}, {head_size}, {hidden}])), 0, 1)
    scores = torch.mul(torch.bmm(projected, torch.transpose(x, 1, 2)), {scale})
    mixed = torch.transpose(torch.bmm(torch.softmax(scores, -1), x), 0, 1)
    v = torch.transpose(torch.view(w[{raw_value}], [{heads}, {head_size}, {hidden}]), 1, 2)
    attended = torch.flatten(torch.transpose(torch.bmm(mixed, v), 0, 1), 1)
    attended = torch.unsqueeze(attended, 1)
    return torch.to({attended_plus_bias}, {dtype})
  def head(self: __torch__.ViT, sequence: Tensor, w: List[Tensor]) -> Tensor:
{head}
  def compute(self: __torch__.ViT, w: List[Tensor], pixel_values: Tensor, bool_masked_pos: Optional[Tensor], interpolate: bool, first_token_only: bool, want_hidden_states: bool, want_attentions: bool, want_last_hidden_state: bool, want_head: bool) -> Tuple[List[Tensor], List[Tensor], List[Tensor]]:
    hidden_states = annotate(List[Tensor], [])
    attentions = annotate(List[Tensor], [])
    others = annotate(List[Tensor], [])
    x = self.embeddings(w, pixel_values, bool_masked_pos, interpolate)
    if want_hidden_states:
      _0 = torch.append(hidden_states, x)
    for layer in range({layers}):
      i = 5 + 16 * layer
      y = self.norm(x, w[i], w[i + 1])
      if want_attentions:
        p = self.probabilities(y, w, i)
        _1 = torch.append(attentions, torch.to(p, 6))
        y = self.mix(p, y, w, i)
      else:
        if first_token_only:
          if layer == {layers} - 1:
            x = torch.slice(x, 1, 0, 1)
            y = self.first_token_attention(y, w, i)
          else:
            y = self.attention(y, w, i)
        else:
          y = self.attention(y, w, i)
      x = torch.add(x, self.linear(y, w[i + 8], w[i + 9]))
      x = torch.add(x, self.mlp(self.norm(x, w[i + 10], w[i + 11]), w, i))
      if want_hidden_states:
        _2 = torch.append(hidden_states, x)
    if first_token_only:
      x = torch.slice(x, 1, 0, 1)
    x = self.norm(x, w[{final}], w[{final} + 1])
    if want_last_hidden_state:
      _3 = torch.append(others, x)
    if want_head:
      _4 = torch.append(others, self.head(x, w))
    return (hidden_states, attentions, others)

@export()
@description('A subscription whose VMs bootmedic may look at.')
type target = {
  @description('Its id.')
  subscription: string
  @description('The groups whose VMs it may repair; empty = all.')
  resourceGroups: string[]
  @description('The regions in which repair VMs may stand; each gets a closed network.')
  regions: string[]
}
